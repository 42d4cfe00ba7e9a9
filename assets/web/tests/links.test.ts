import { describe, expect, it } from 'vitest';
import { safeHref, splitLinks } from '../src/lib/links';

const hrefs = (text: string): (string | undefined)[] => splitLinks(text).flatMap((p) => (p.href ? [p.href] : []));

describe('finding links in a message', () => {
  it('links web, e-mail and phone, and nothing else', () => {
    expect(hrefs('Zob. https://novahouse.pl, kontakt@novahouse.pl albo +48 585 004 663.')).toEqual([
      'https://novahouse.pl',
      'mailto:kontakt@novahouse.pl',
      'tel:+48585004663',
    ]);
  });

  it('links the paths of ours that answers name, and no others', () => {
    expect(hrefs('Strona /privacy; kopia: /api/chatbot/export-data/nh_a-B_1 i /quote/x1. Nie: /admin a/privacy /privacy/code https://x.pl/privacy')).toEqual([
      '/privacy',
      '/api/chatbot/export-data/nh_a-B_1',
      '/quote/x1',
      'https://x.pl/privacy',
    ]);
  });

  it('leaves prices, areas, dates and short numbers alone', () => {
    expect(hrefs('949–1990 zł/m², 50–60 m², 22.11.2026, 1 + 2, +48')).toEqual([]);
  });

  it('cuts closing punctuation off', () => {
    expect(hrefs('(patrz https://a.pl/b). Czy https://a.pl/c?')).toEqual(['https://a.pl/b', 'https://a.pl/c']);
  });

  it('keeps brackets that belong to the address', () => {
    expect(hrefs('https://pl.wikipedia.org/wiki/Dom_(budynek)')).toEqual(['https://pl.wikipedia.org/wiki/Dom_(budynek)']);
  });

  it('never links a script', () => {
    expect(hrefs('javascript:alert(1) data:text/html,x vbscript:x file:///etc/passwd')).toEqual([]);
  });

  it('does not swallow markup: it stays text', () => {
    const parts = splitLinks('<a href="https://x.pl">x</a>');
    expect(parts.map((p) => p.text).join('')).toBe('<a href="https://x.pl">x</a>');
    expect(hrefs('<a href="https://x.pl">x</a>')).toEqual(['https://x.pl']);
  });

  it.each(['', 'bez linków', 'a https://x.pl/ąę b@c.de.', '++48 585 004 663 https:// @', 'https://a.pl).,;https://b.pl'])(
    'loses no character of %j',
    (text) => expect(splitLinks(text).map((p) => p.text).join('')).toBe(text),
  );

  it('is quick on a long hostile text', () => {
    const start = performance.now();
    splitLinks(`${'+1 '.repeat(700)}${'a@'.repeat(700)}${'http://'.repeat(300)}`);
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe('allowing an address', () => {
  it.each(['https://x.pl', 'http://x.pl', 'tel:+48585004663', 'mailto:a@b.pl', '/#packages', '/privacy', '#a'])('allows %s', (url) =>
    expect(safeHref(url)).toBe(url),
  );
  it.each(['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', 'ftp://x', '', null, undefined])(
    'refuses %s',
    (url) => expect(safeHref(url)).toBeUndefined(),
  );
});
