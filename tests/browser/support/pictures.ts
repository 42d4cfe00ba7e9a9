import type { Locator, Page } from '@playwright/test';

export interface TestFile {
  name: string;
  type: string;
  bytes: Buffer;
}

/** A JPEG or PNG drawn by the browser, its left half red and its right half blue. */
export async function redAndBlue(page: Page, width: number, height: number, type = 'image/jpeg'): Promise<Buffer> {
  const url = await page.evaluate(
    ([width, height, type]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
      pen.fillStyle = '#e00000';
      pen.fillRect(0, 0, width / 2, height);
      pen.fillStyle = '#0000e0';
      pen.fillRect(width / 2, 0, width / 2, height);
      return canvas.toDataURL(type, 0.95);
    },
    [width, height, type] as const,
  );
  return Buffer.from(url.split(',')[1] ?? '', 'base64');
}

/** A JPEG of pure noise: as large as it looks, and in no way compressible. */
export async function noise(page: Page, side: number): Promise<Buffer> {
  const url = await page.evaluate((side) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    const pixels = pen.createImageData(side, side);
    let state = 1;
    for (let i = 0; i < pixels.data.length; i += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      pixels.data[i] = i % 4 === 3 ? 255 : state >>> 24;
    }
    pen.putImageData(pixels, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.95);
  }, side);
  return Buffer.from(url.split(',')[1] ?? '', 'base64');
}

/** The same JPEG as a phone writes it that was held otherwise: with an EXIF tag that says how to turn it. */
export function turned(jpeg: Buffer, orientation: number): Buffer {
  // One entry (0x0112, SHORT, count 1) in a big-endian TIFF directory.
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const exif = Buffer.from([...Buffer.from('Exif\0\0'), ...tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** The beginning of a HEIC file as iPhones write it; no browser here can show one. */
export const HEIC = Buffer.concat([Buffer.from([0, 0, 0, 0x24]), Buffer.from('ftypheic\0\0\0\0mif1MiHBMiHEMiPrmiaf'), Buffer.alloc(64)]);

/** A bitmap of one pixel: browsers show it, the server does not take it. */
export const BMP = Buffer.from([
  ...[0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], // the file: its size, and where the pixels begin
  ...[40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0], // the picture: 1 by 1, 24 bits
  ...Array<number>(24).fill(0),
  ...[0x20, 0x40, 0x80, 0],
]);

/** Holds files over an element and drops them there. */
export async function drop(target: Locator, ...files: TestFile[]): Promise<void> {
  const dataTransfer = await transfer(target.page(), files);
  await target.dispatchEvent('dragover', { dataTransfer });
  await target.dispatchEvent('drop', { dataTransfer });
}

export async function transfer(page: Page, files: TestFile[]) {
  const plain = files.map(({ name, type, bytes }) => ({ name, type, base64: bytes.toString('base64') }));
  return page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of files) {
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
    }
    return data;
  }, plain);
}

/** What a picture on the page looks like: its shape, and the colours near its four edges. */
export function look(picture: Locator): Promise<{ shape: string; top: string; bottom: string; left: string; right: string }> {
  return picture.evaluate(async (image) => {
    const shown = image as HTMLImageElement;
    await shown.decode();
    const { naturalWidth: width, naturalHeight: height } = shown;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    pen.drawImage(shown, 0, 0);
    const colour = (x: number, y: number): string => {
      const [red = 0, , blue = 0] = pen.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1).data;
      return red > 180 && blue < 70 ? 'red' : blue > 180 && red < 70 ? 'blue' : 'other';
    };
    return {
      shape: width > height ? 'wide' : 'tall',
      top: colour(0.5, 0.1),
      bottom: colour(0.5, 0.9),
      left: colour(0.1, 0.25),
      right: colour(0.9, 0.25),
    };
  });
}
