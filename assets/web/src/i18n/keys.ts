import type { picturesPl } from './pictures/pl';
import type { pl } from './pl';
import type { sitePl } from './site/pl';
import type { teamPl } from './team/pl';

/** The texts every page has, those of the chat among them; the compiler refuses a language that lacks one. */
export type Texts = Record<keyof typeof pl, string>;
/** The texts of the site's pages. */
export type SiteTexts = Record<keyof typeof sitePl, string>;
/** The texts of the team's pages. */
export type TeamTexts = Record<keyof typeof teamPl, string>;
/** The texts about pictures in a conversation. */
export type PictureTexts = Record<keyof typeof picturesPl, string>;
export type Key = keyof Texts | keyof PictureTexts | keyof SiteTexts | keyof TeamTexts;

export const LANGS = ['pl', 'en', 'de'] as const;
export type Lang = (typeof LANGS)[number];

/** The languages' own names: nobody looks for their language under a foreign name. */
export const LANG_NAMES: Record<Lang, string> = { pl: 'Polski', en: 'English', de: 'Deutsch' };

export function isLang(value: unknown): value is Lang {
  return typeof value === 'string' && (LANGS as readonly string[]).includes(value);
}

/**
 * The page's language: what the address asks for, else the visitor's first preference that we speak, else Polish.
 * `en-GB` counts as `en`.
 */
export function pickLang(query: string, preferred: readonly string[]): Lang {
  const asked = new URLSearchParams(query).get('lang')?.toLowerCase().slice(0, 2);
  if (isLang(asked)) return asked;
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0];
    if (isLang(base)) return base;
  }
  return 'pl';
}

/** Puts values into `{name}` places; an unknown place stays visible, so that it is found in tests. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
