import type { Lang } from '../../i18n/keys';
import { api } from '../../lib/api';

/** Questions that are alike and were not answered. */
export interface Group {
  id: number;
  lang: string;
  /** The first of them. */
  text: string;
  /** Other wordings. */
  examples: string[];
  count: number;
  causes: { fallback: number; unsure: number; search: number };
  /** What visitors tapped after "did you mean". */
  chosen: { intent: string; count: number }[];
  suggestions: { intent: string; confidence: number }[];
  first_at: string;
  last_at: string;
}

export interface Page<T> {
  rows: T[];
  total: number;
  pages: number;
}

export async function unanswered(page: number, lang: string): Promise<Page<Group>> {
  const query = new URLSearchParams({ page: String(page), per_page: '50', ...(lang ? { lang } : {}) });
  const { groups, total, pages } = await api<{ groups: Group[]; total: number; pages: number }>(`/api/nlu/unanswered?${query}`);
  return { rows: groups, total, pages };
}

export type InEachLanguage = Record<Lang, string>;

/** What is done about a group. */
export type Action =
  | { action: 'add_phrase'; intent: string; texts: string[] }
  | { action: 'new_answer'; intent: string; titles: InEachLanguage; answers: InEachLanguage; texts: string[] }
  | { action: 'ignore' };

export async function resolve(id: number, action: Action): Promise<void> {
  await api(`/api/nlu/unanswered/${id}`, { body: action });
}

/** A subject the assistant knows. */
export interface Intent {
  name: string;
  titles: InEachLanguage;
}

export async function knownIntents(): Promise<Intent[]> {
  return (await api<{ intents: Intent[] }>('/api/intents')).intents;
}

/** A sentence that is understood otherwise than before. */
export interface Judgement {
  text: string;
  intent: string;
  was: string;
  is: string;
}

export interface Comparison {
  sentences: number;
  first_place_before: number | null;
  first_place_after: number | null;
  better: number;
  worse: number;
  examples_better: Judgement[];
  examples_worse: Judgement[];
}

/** What the assistant learned from, once. */
export interface Version {
  version: number;
  phrases: number;
  intents: number;
  seconds: number;
  evaluation: Partial<Record<Lang, Comparison>> | null;
  created_by: string | null;
  created_at: string;
}

export async function versions(page: number): Promise<Page<Version>> {
  const answer = await api<{ versions: Version[]; total: number; pages: number }>(`/api/nlu/versions?per_page=10&page=${page}`);
  return { rows: answer.versions, total: answer.total, pages: answer.pages };
}

/** Training and comparing take seconds, with many phrases a minute. */
const TRAINING_MS = 5 * 60_000;
export const train = (): Promise<Version> => api('/api/nlu/train', { body: {}, timeoutMs: TRAINING_MS });
export const restore = (version: number): Promise<Version> =>
  api(`/api/nlu/versions/${version}/restore`, { body: {}, timeoutMs: TRAINING_MS });

/** The figures of all languages together. */
export function total(evaluation: Version['evaluation'], what: 'better' | 'worse'): number {
  return Object.values(evaluation ?? {}).reduce((sum, comparison) => sum + comparison[what], 0);
}

/** A name for an intent out of its title: "Sauna i basen" is `sauna_i_basen`. */
export function intentName(title: string): string {
  return title
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
}
