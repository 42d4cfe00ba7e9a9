import { describe, expect, it } from 'vitest';
import { markTyped, readMarks, type Piece } from '../src/search/marked';

const shown = (pieces: Piece[]): string => pieces.map((p) => (p.marked ? `[${p.text}]` : p.text)).join('');

describe('reading a highlight of the server', () => {
  it.each([
    ['Wykańczamy <mark>łazienki</mark> i <mark>kuchnie</mark>.', 'Wykańczamy [łazienki] i [kuchnie].'],
    ['<mark>a &amp; b</mark> &lt; c &quot;d&quot; &#39;e&#x27;', '[a & b] < c "d" \'e\''],
    ['', ''],
    ['<mark></mark>', '[]'],
  ])('%s', (html, expected) => expect(shown(readMarks(html))).toBe(expected));

  it('undoes the escaping once only', () => expect(shown(readMarks('&amp;lt;mark&amp;gt;'))).toBe('&lt;mark&gt;'));

  it('lets markup that the server did not escape stay text', () => {
    const html = '<img src=x onerror=alert(1)> <mark onclick=x>y</mark> <mark>z';
    expect(readMarks(html)).toEqual([{ text: html, marked: false }]);
  });
});

describe('marking in a suggestion what was typed', () => {
  it.each([
    ['łazienka pod klucz', 'lazience', '[łazien]ka pod klucz'],
    ['Łazienka', 'ŁAZ', '[Łaz]ienka'],
    ['czas wykończenia łazienki', 'łaz wyk', 'czas [wyk]ończenia [łaz]ienki'],
    ['Fußboden verlegen', 'fussb', '[Fußb]oden verlegen'],
    ['Bäder', 'bader', '[Bäder]'],
    ['podatek', 'podłoga', 'podatek'],
    ['półka (mała)', 'mala', 'półka ([mała])'],
    ['60 m²', '60', '[60] m²'],
  ])('%s for %s', (suggestion, typed, expected) => expect(shown(markTyped(suggestion, typed))).toBe(expected));

  it('loses no character', () => {
    for (const text of ['', ' a  b ', 'e\u0301', '🛁 wanna', 'x<y>']) expect(markTyped(text, 'a wan').map((p) => p.text).join('')).toBe(text.normalize('NFC'));
  });
});
