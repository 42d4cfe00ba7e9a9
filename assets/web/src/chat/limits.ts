/** The longest message the server takes, in characters. */
export const MAX_CHARS = 2_000;
/** From here on the visitor sees how much is left. */
export const COUNT_FROM = 1_800;

/** Counts as the server does: code points after NFC, not UTF-16 units. */
export function charCount(text: string): number {
  return [...text.normalize('NFC')].length;
}
