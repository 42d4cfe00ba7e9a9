import { api } from '../../lib/api';

/** A text the team writes once and sends often. */
export interface Canned {
  id: number;
  title: string;
  /** With its placeholders. */
  body: string;
  /** As it would be sent now; null when a placeholder cannot be filled any more. */
  text: string | null;
  lang: string;
  tags: string[];
}

/** Pages of 200, all of them. */
export async function cannedAnswers(lang?: string): Promise<Canned[]> {
  const all: Canned[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const query = new URLSearchParams({ per_page: '200', page: String(page), ...(lang ? { lang } : {}) });
    const answer = await api<{ canned: Canned[]; pages: number }>(`/api/canned?${query}`);
    all.push(...answer.canned);
    pages = answer.pages;
  }
  return all;
}

export type CannedValues = Pick<Canned, 'title' | 'body' | 'lang' | 'tags'>;

export function saveCanned(id: number | null, values: CannedValues): Promise<Canned> {
  return id === null ? api('/api/canned', { body: values }) : api(`/api/canned/${id}`, { method: 'PUT', body: values });
}

export async function deleteCanned(id: number): Promise<void> {
  await api(`/api/canned/${id}`, { method: 'DELETE' });
}

/** Minutes after which something is done about a conversation that stands still. */
export interface WaitingTimes {
  escalate_after_min: number;
  hand_back_after_min: number;
}

const TIMES = '/api/settings/conversations';
export const waitingTimes = (): Promise<WaitingTimes> => api(TIMES);
export const saveWaitingTimes = (times: WaitingTimes): Promise<WaitingTimes> => api(TIMES, { method: 'PUT', body: times });

/** Case and diacritics do not matter: "Łazienka" is found by "lazienka". */
function plain(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ł', 'l').replaceAll('ß', 'ss');
}

/** The answers whose title, tags or text hold every word; those found by their title first. */
export function matching(all: readonly Canned[], words: string): Canned[] {
  const parts = plain(words).split(/\s+/).filter(Boolean);
  const inTitle = (c: Canned): boolean => parts.every((part) => plain(c.title).includes(part));
  const anywhere = (c: Canned): boolean => {
    const text = plain([c.title, ...c.tags, c.text ?? ''].join(' '));
    return parts.every((part) => text.includes(part));
  };
  const found = all.filter((c) => c.text !== null && anywhere(c));
  return [...found.filter(inTitle), ...found.filter((c) => !inTitle(c))];
}
