import { de } from './de';
import { en } from './en';
import { fill, LANGS, pickLang, type Key, type Lang, type PictureTexts, type SiteTexts, type TeamTexts } from './keys';
import { pl } from './pl';

const TEXTS: Record<Lang, Partial<Record<Key, string>>> = { pl: { ...pl }, en: { ...en }, de: { ...de } };

/** Adds the texts that only some pages need. */
export function addTexts(texts: Record<Lang, PictureTexts | SiteTexts | TeamTexts>): void {
  for (const lang of LANGS) Object.assign(TEXTS[lang], texts[lang]);
}

const first = pickLang(location.search, navigator.languages);
let lang = $state<Lang>(first);
document.documentElement.lang = first;

/** The language the page is in now; reading it in a component follows a change without a reload. */
export function currentLang(): Lang {
  return lang;
}

/**
 * Changes the page's language. The address keeps it (`?lang=`), so that a reload and a shared link
 * agree, and nothing has to be stored in the browser.
 */
export function setLang(next: Lang): void {
  lang = next;
  document.documentElement.lang = next;
  const url = new URL(location.href);
  url.searchParams.set('lang', next);
  history.replaceState(history.state, '', url);
}

export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(TEXTS[lang][key] ?? key, values);
}

/** The plural form the language asks for: Polish has three that matter (1, 2–4, 5 and more). */
export function tCount(stem: 'admin.waitingCount', n: number): string {
  const form = new Intl.PluralRules(lang).select(n);
  const key = `${stem}_${form === 'one' || form === 'few' || form === 'many' ? form : 'other'}` as Key;
  return t(key, { n });
}

/** True when the visitor chose the language by hand: links to our other pages then have to carry it. */
export function isLangChosen(): boolean {
  return new URLSearchParams(location.search).has('lang') || lang !== pickLang('', navigator.languages);
}

/** A link to another page of ours that keeps the language the visitor chose by hand. */
export function pageLink(path: string, values: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...values, ...(isLangChosen() ? { lang } : {}) }).toString();
  return query ? `${path}?${query}` : path;
}
