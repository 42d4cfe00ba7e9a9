/** A text cut into pieces that are emphasised and pieces that are not; the page makes text nodes of them, never HTML. */
export interface Piece {
  text: string;
  marked: boolean;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

/** Undoes what the server escaped. Anything else that looks like an entity stays as it is. */
function unescaped(html: string): string {
  return html.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => ENTITIES[name] ?? '');
}

/** Reads a highlight of the server. Of its HTML only `<mark>` means something, so nothing in it can become markup. */
export function readMarks(html: string): Piece[] {
  return html
    .split(/(<mark>.*?<\/mark>)/s)
    .filter((part) => part !== '')
    .map((part) => {
      const inside = /^<mark>(.*)<\/mark>$/s.exec(part)?.[1];
      return { text: unescaped(inside ?? part), marked: inside !== undefined };
    });
}

/** How search compares letters: without case and diacritics. */
function folded(text: string): string {
  return text.toLowerCase().replace(/ł/g, 'l').replace(/ß/g, 'ss').normalize('NFD').replace(/\p{M}/gu, '');
}

/** How many characters of `word` begin like `typed`, compared as the search compares. */
function commonLength(word: string, typed: string): number {
  let rest = folded(typed);
  let length = 0;
  for (const letter of word) {
    const one = folded(letter);
    if (!rest.startsWith(one)) break;
    rest = rest.slice(one.length);
    length += letter.length;
  }
  return length;
}

/**
 * Emphasises where the words of a suggestion begin like a typed one, in whichever case: "lazience" marks "łazien" in
 * "łazienka". Less than half of what was typed is a coincidence.
 */
export function markTyped(suggestion: string, typed: string): Piece[] {
  const words = typed.trim().split(/\s+/);
  const pieces: Piece[] = [];
  for (const part of suggestion.normalize('NFC').split(/([\p{L}\p{N}]+)/u)) {
    const length = Math.max(0, ...words.map((word) => commonLength(part, word)).filter((n, i) => n * 2 >= (words[i] ?? '').length));
    if (length > 0) pieces.push({ text: part.slice(0, length), marked: true });
    if (length < part.length) pieces.push({ text: part.slice(length), marked: false });
  }
  return pieces;
}
