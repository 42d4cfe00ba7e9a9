import type { Lang } from '../i18n/keys';
import { api } from '../lib/api';

/** One document that was found, as GET /api/search tells it. */
export interface Hit {
  id: string | number;
  type: string;
  /** Title and a snippet of the text as escaped HTML in which `<mark>` shows what was found, see marked.ts. */
  highlights: { title: string; content: string };
  language: string;
  url?: string | null;
}

export interface Answer {
  results: Hit[];
  /** How many there are in all. */
  total: number;
  /** How many there are of each type. */
  facets: { type: Record<string, number> };
  /** What the words probably should have been. */
  corrected_query?: string | null;
  /** True while there is no index: only the very words were looked for. */
  partial?: boolean | null;
}

/** What a search looks for; an empty `type` is every type. */
export interface Question {
  query: string;
  type: string;
  lang: Lang;
}

/** Longest question the server takes. */
export const QUERY_MAX_CHARS = 200;
/** Results a page shows at first and adds with "show more". */
const STEP = 10;
/** Further on the server does not look. */
export const RESULTS_MAX = 1000;

export function search({ query, type, lang }: Question, offset: number, limit = STEP): Promise<Answer> {
  const asked = new URLSearchParams({ q: query, lang, limit: String(limit), offset: String(offset), ...(type ? { type } : {}) });
  return api(`/api/search?${asked}`);
}

/** How many there are of each type. An answer to a question about one type counts only that. */
export async function countTypes(question: Question, answer: Answer): Promise<Record<string, number>> {
  const { facets } = question.type ? await search({ ...question, type: '' }, 0, 1) : answer;
  return facets.type;
}

/** Most suggestions a phone shows above its keyboard. */
const SUGGESTIONS_MAX = 5;

/** Phrases that go on from what is typed. */
export async function suggest(typed: string, lang: Lang, signal: AbortSignal): Promise<string[]> {
  const asked = new URLSearchParams({ q: typed, lang, limit: String(SUGGESTIONS_MAX) });
  return (await api<{ suggestions: string[] }>(`/api/search/suggest?${asked}`, { signal })).suggestions;
}
