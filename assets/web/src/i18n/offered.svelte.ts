import { api } from '../lib/api';
import { isLang, LANGS, type Lang } from './keys';
import { currentLang, setLang } from './lang.svelte';

let langs = $state.raw<readonly Lang[]>(LANGS);

/** The languages the company answers in; until they are known, all we speak. */
export function offeredLangs(): readonly Lang[] {
  return langs;
}

/** Asks which they are, and leaves a language that is not among them for the company's first. */
export async function loadOffered(): Promise<void> {
  try {
    const answer = await api<{ languages: { code: string }[]; default: string }>('/api/i18n/languages');
    const known = answer.languages.map((l) => l.code).filter(isLang);
    if (known.length === 0) return;
    langs = known;
    if (!known.includes(currentLang()) && isLang(answer.default)) setLang(answer.default);
  } catch {
    // Without an answer every language stays; the chat's own answers follow the server in any case.
  }
}
