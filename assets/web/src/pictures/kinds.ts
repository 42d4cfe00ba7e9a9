/** What a file is by its first bytes; its name and the browser's word for it are often wrong or missing. */
export type Kind = 'jpeg' | 'png' | 'gif' | 'webp' | 'heic' | 'avif' | 'other';

/** So many bytes decide. */
export const HEAD_BYTES = 64;

/** The kinds the server takes, with the type and ending each is sent under. */
const TAKEN: Partial<Record<Kind, { type: string; ending: RegExp; name: string }>> = {
  jpeg: { type: 'image/jpeg', ending: /\.jpe?g$/i, name: '.jpg' },
  png: { type: 'image/png', ending: /\.png$/i, name: '.png' },
  gif: { type: 'image/gif', ending: /\.gif$/i, name: '.gif' },
  webp: { type: 'image/webp', ending: /\.webp$/i, name: '.webp' },
};

export function isTaken(kind: Kind): boolean {
  return kind in TAKEN;
}

export function kindOf(head: Uint8Array, name: string, type: string): Kind {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (/^RIFF[^]{4}WEBP/.test(text)) return 'webp';
  if (text.slice(4, 8) === 'ftyp') {
    // The box names its brands, the main one first; phones write `mif1` with the real one after it.
    if (/avi[fs]/.test(text)) return 'avif';
    if (/hei[cxms]|hev[cmxs]|m[is]f1/.test(text)) return 'heic';
  }
  return /\.hei[cf]$/i.test(name) || /^image\/hei[cf]/.test(type) ? 'heic' : 'other';
}

/** An animation would lose its movement on a canvas. */
export function isAnimated(kind: Kind, head: Uint8Array): boolean {
  // In WebP it is a flag of the extended header.
  return kind === 'gif' || (kind === 'webp' && String.fromCharCode(...head.subarray(12, 16)) === 'VP8X' && ((head[20] ?? 0) & 2) !== 0);
}

/** The same content under the type and ending that say what it is. */
export function asKind(content: Blob, name: string, kind: Kind): File {
  const { type, ending, name: right } = TAKEN[kind] ?? { type: '', ending: /$/, name: '' };
  return new File([content], ending.test(name) ? name : name.replace(/\.\w{1,5}$/, '') + right, { type });
}
