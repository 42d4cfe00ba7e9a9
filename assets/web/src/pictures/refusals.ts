import type { Key } from '../i18n/keys';
import { ApiError } from '../lib/api';
import { problemKey } from '../lib/problem';

/** This page itself refuses a file, by one of the server's codes. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Why a picture was not sent, as a sentence for whoever sent it. */
export interface Told {
  key: Key;
  values?: Record<string, number>;
  /** The same picture may get through later. */
  again: boolean;
}

const SENTENCES: Record<string, Key> = {
  too_large: 'picture.tooLarge',
  heic: 'picture.heic',
  avif: 'picture.avif',
  not_a_picture: 'picture.notAPicture',
  mismatch: 'picture.notAPicture',
  empty: 'picture.empty',
  too_many_pixels: 'picture.tooManyPixels',
  too_long: 'picture.tooManyPixels',
  too_many_frames: 'picture.tooManyFrames',
  damaged: 'picture.damaged',
  infected: 'picture.infected',
  session_files: 'picture.full',
  session_bytes: 'picture.full',
};

export function told(error: unknown): Told {
  const key = error instanceof ApiError || error instanceof Refused ? SENTENCES[error.code] : undefined;
  if (key) return { key, again: false };
  if (!(error instanceof ApiError)) return { key: 'picture.refused', again: false };
  if (error.status === 0 || error.status === 429) return { ...problemKey(error), again: true };
  if (error.status === 408) return { key: 'picture.tooSlow', again: true };
  return error.temporary ? { key: 'picture.later', again: true } : { key: 'picture.refused', again: false };
}
