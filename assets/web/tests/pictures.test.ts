import { describe, expect, it } from 'vitest';
import { withMessage } from '../src/admin/order';
import type { Conversation } from '../src/admin/types';
import { rows } from '../src/chat/rows';
import { ApiError } from '../src/lib/api';
import { asKind, isAnimated, isTaken, kindOf } from '../src/pictures/kinds';
import type { Upload } from '../src/pictures/queue.svelte';
import { Refused, told } from '../src/pictures/refusals';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const JPEG = bytes('\xff\xd8\xff\xe0');
const WEBP = 'RIFF\x10\0\0\0WEBPVP8X\x0a\0\0\0';

describe('what a file is', () => {
  it.each([
    [JPEG, '', '', 'jpeg'],
    [JPEG, 'photo.png', 'image/png', 'jpeg'],
    [bytes('\x89PNG\r\n\x1a\n'), '', '', 'png'],
    [bytes('GIF89a'), '', '', 'gif'],
    [bytes(WEBP), '', '', 'webp'],
    [bytes('\0\0\0\x24ftypheic\0\0\0\0mif1heic'), 'IMG_1.jpg', 'image/jpeg', 'heic'],
    [bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1heic'), '', '', 'heic'],
    [bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1avif'), '', '', 'avif'],
    [bytes('\0\0\0\x20ftypisom\0\0\0\0mp41'), 'clip.mp4', 'video/mp4', 'other'],
    [bytes('what?'), 'IMG_1.HEIC', '', 'heic'],
    [bytes('what?'), 'IMG_1', 'image/heif', 'heic'],
    [bytes('<svg'), 'plan.jpg', 'image/jpeg', 'other'],
    [bytes(''), '', '', 'other'],
  ] as const)('%# is told by its bytes before its name', (head, name, type, kind) => expect(kindOf(head, name, type)).toBe(kind));

  it('decides whether the server takes it', () => {
    expect((['jpeg', 'png', 'gif', 'webp'] as const).every(isTaken)).toBe(true);
    expect((['heic', 'avif', 'other'] as const).some(isTaken)).toBe(false);
  });

  it('says which pictures may move, so that they are not drawn anew', () => {
    expect(isAnimated('gif', bytes('GIF89a'))).toBe(true);
    expect(isAnimated('webp', bytes(`${WEBP}\x02`))).toBe(true);
    expect(isAnimated('webp', bytes(`${WEBP}\x10`))).toBe(false);
    expect(isAnimated('jpeg', JPEG)).toBe(false);
  });

  it('gives the name and type it is sent under', () => {
    const sent = (name: string, kind: 'jpeg' | 'png') => {
      const file = asKind(new Blob(['x']), name, kind);
      return [file.name, file.type];
    };
    expect(sent('a.JPEG', 'jpeg')).toEqual(['a.JPEG', 'image/jpeg']);
    expect(sent('IMG_1.HEIC', 'jpeg')).toEqual(['IMG_1.jpg', 'image/jpeg']);
    expect(sent('screenshot.jpg', 'png')).toEqual(['screenshot.png', 'image/png']);
    expect(sent('3rd floor', 'jpeg')).toEqual(['3rd floor.jpg', 'image/jpeg']);
    expect(sent('no. 5 bath room', 'jpeg')).toEqual(['no. 5 bath room.jpg', 'image/jpeg']);
  });
});

describe('why a picture was not sent', () => {
  it('is said by the code, and nobody is asked to try what cannot help', () => {
    expect(told(new ApiError(422, 'damaged', ''))).toEqual({ key: 'picture.damaged', again: false });
    expect(told(new Refused('heic'))).toEqual({ key: 'picture.heic', again: false });
    expect(told(new ApiError(400, 'anything', ''))).toEqual({ key: 'picture.refused', again: false });
    expect(told(new TypeError())).toEqual({ key: 'picture.refused', again: false });
  });

  it('may pass, and then it can be tried again', () => {
    expect(told(new ApiError(0, 'network', ''))).toMatchObject({ key: 'error.network', again: true });
    expect(told(new ApiError(429, 'too_many_requests', '', {}, 12))).toEqual({ key: 'error.rateLimited', values: { n: 12 }, again: true });
    expect(told(new ApiError(408, 'timeout', ''))).toEqual({ key: 'picture.tooSlow', again: true });
    for (const code of ['no_room', 'busy', 'scanner_down']) expect(told(new ApiError(503, code, ''))).toEqual({ key: 'picture.later', again: true });
  });
});

describe('a picture in the conversation', () => {
  const upload = (created_at: string): Upload => ({ client_id: 'p1', name: 'a.jpg', created_at, preview: null, progress: 0, problem: null });

  it('stands among what is on its way as it was sent, and once', () => {
    const words = { client_id: 'c1', message: 'Look', created_at: '2026-11-22T10:01:00.000Z' };
    const keys = (created_at: string) => rows([], [words], null, 'online', [upload(created_at)]).map((row) => row.key);
    expect(keys('2026-11-22T10:00:00.000Z')).toEqual(['p1', 'c1']);
    expect(keys('2026-11-22T10:02:00.000Z')).toEqual(['c1', 'p1']);
    const stored = { seq: 1, sender: 'user' as const, message: '', timestamp: '', client_id: 'p1' };
    expect(rows([stored], [], null, 'online', [upload('')]).map((row) => row.upload)).toEqual([null]);
  });

  it('is named in the list when nothing was written beside it', () => {
    const list = { last_seq: 1, last_message: 'Hi' } as Conversation;
    const attachments = [{ id: 1, url: '', thumbnail: '', medium: '', large: '', width: 1, height: 1, content_type: '', placeholder: null, filename: 'a.jpg' }];
    const arrived = { seq: 2, sender: 'user' as const, message: '', timestamp: '', attachments };
    expect(withMessage(list, arrived).last_message).toBe('📷 a.jpg');
    expect(withMessage(list, { ...arrived, message: 'Look' }).last_message).toBe('Look');
  });
});
