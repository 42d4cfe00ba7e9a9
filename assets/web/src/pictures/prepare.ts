import { asKind, HEAD_BYTES, isAnimated, isTaken, kindOf, type Kind } from './kinds';
import { Refused } from './refusals';

/** What the server takes unless it is told otherwise: bytes a file. */
export const MAX_BYTES = 10 * 1024 * 1024;
/** A longer side is scaled down: nobody sees the difference, and it goes four times as fast. */
export const MAX_SIDE_PX = 4096;
const QUALITY = 0.9;

/** A picture of this device as the browser shows it, upright. `url` lives until it is revoked. */
export interface Preview {
  url: string;
  width: number;
  height: number;
}

/** A file that may be sent. */
export interface Seen {
  kind: Kind;
  isAnimated: boolean;
  /** Null when this browser cannot show it. */
  preview: Preview | null;
}

/** Looks at a chosen file; throws {@link Refused} when it is certain that it cannot be sent. */
export async function look(file: File): Promise<Seen> {
  if (file.size === 0) throw new Refused('empty');
  // A folder that was dropped cannot be read.
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer().then((bytes) => new Uint8Array(bytes), () => new Uint8Array());
  const kind = kindOf(head, file.name, file.type);
  const preview = isTaken(kind) || (await isReadable(file)) ? await shown(file) : null;
  if (!preview && !isTaken(kind)) throw new Refused(kind === 'other' ? 'not_a_picture' : kind);
  return { kind, isAnimated: isAnimated(kind, head), preview };
}

/** The file as it is sent: unchanged where that is possible, else drawn anew as a JPEG that fits. */
export async function fitted(file: File, { kind, isAnimated: moves, preview }: Seen): Promise<File> {
  const isSmall = file.size <= MAX_BYTES;
  const isShort = moves || !preview || Math.max(preview.width, preview.height) <= MAX_SIDE_PX;
  if (isTaken(kind) && isSmall && isShort) return asKind(file, file.name, kind);
  const drawn = preview && !moves ? await redrawn(preview) : null;
  if (!drawn || drawn.size > MAX_BYTES) throw new Refused('too_large');
  return asKind(drawn, file.name, 'jpeg');
}

/** Whether this browser can make a picture of it, as Safari does of HEIC. */
async function isReadable(file: File): Promise<boolean> {
  return createImageBitmap(file).then((bitmap) => (bitmap.close(), true), () => false);
}

async function shown(file: File): Promise<Preview | null> {
  const url = URL.createObjectURL(file);
  const image = await decoded(url);
  if (image?.naturalWidth) return { url, width: image.naturalWidth, height: image.naturalHeight };
  URL.revokeObjectURL(url);
  return null;
}

/** Browsers turn a picture upright when they show it, so what is measured and drawn here is upright. */
async function decoded(url: string): Promise<HTMLImageElement | null> {
  const image = new Image();
  image.src = url;
  return image.decode().then(() => image, () => null);
}

async function redrawn({ url, width, height }: Preview): Promise<Blob | null> {
  const image = await decoded(url);
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext('2d');
  if (!image || !pen) return null;
  // JPEG has no transparency, and black behind a drawing is unreadable.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
}
