import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { de } from '../src/i18n/de';
import { en } from '../src/i18n/en';
import { fill, pickLang } from '../src/i18n/keys';
import { picturesDe } from '../src/i18n/pictures/de';
import { picturesEn } from '../src/i18n/pictures/en';
import { picturesPl } from '../src/i18n/pictures/pl';
import { pl as commonPl } from '../src/i18n/pl';
import { siteDe } from '../src/i18n/site/de';
import { siteEn } from '../src/i18n/site/en';
import { sitePl } from '../src/i18n/site/pl';
import { teamDe } from '../src/i18n/team/de';
import { teamEn } from '../src/i18n/team/en';
import { teamPl } from '../src/i18n/team/pl';

const pl = { ...commonPl, ...picturesPl, ...sitePl, ...teamPl };

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();

describe.each([
  ['en', { ...en, ...picturesEn, ...siteEn, ...teamEn }],
  ['de', { ...de, ...picturesDe, ...siteDe, ...teamDe }],
])('the texts in %s', (_, texts) => {
  it('have exactly the Polish keys', () => expect(Object.keys(texts).sort()).toEqual(Object.keys(pl).sort()));

  it('say something everywhere, with the same places to fill', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), key).not.toBe('');
      expect(places(text), key).toEqual(places(pl[key as keyof typeof pl]));
    }
  });
});

it('uses every key, and only keys that exist', () => {
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.(svelte|ts)$/.test(f) && !/i18n[\\/]((pictures|site|team)[\\/])?(pl|en|de)\.ts$/.test(f))
    .map((f) => readFileSync(`src/${f}`, 'utf8'))
    .join('\n');
  const composed = /^(chat\.(connecting|online|polling|offline|sending|queued|failed)|rate\.\d|admin\.filter.+|admin\.waitingCount_.+|settings\..+_per_min|leads\.(status|source|type)\..+)$/;
  const unused = Object.keys(pl).filter((key) => !composed.test(key) && !source.includes(`'${key}'`));
  expect(unused).toEqual([]);
});

describe('choosing the language', () => {
  it.each([
    ['?lang=de', ['pl'], 'de'],
    ['?lang=EN-us', ['pl'], 'en'],
    ['?lang=xx', ['fr-FR', 'de-AT', 'en'], 'de'],
    ['', ['en-GB'], 'en'],
    ['', ['fr'], 'pl'],
    ['', [], 'pl'],
  ])('%s with %j gives %s', (query, preferred, expected) => expect(pickLang(query, preferred)).toBe(expected));
});

it('fills places and shows one that was forgotten', () => {
  expect(fill('{a} z {b}', { a: 1 })).toBe('1 z {b}');
});
