import type { Key } from '../i18n/keys';
import { ApiError } from './api';

/** Which sentence tells a person what went wrong; the server's own wording is for developers. */
export function problemKey(error: unknown): { key: Key; values?: Record<string, number> } {
  if (!(error instanceof ApiError)) return { key: 'error.generic' };
  if (error.status === 0) return { key: 'error.network' };
  if (error.status === 429) return { key: 'error.rateLimited', values: { n: Math.ceil(error.retryAfter ?? 5) } };
  if (error.status === 403) return { key: 'error.forbidden' };
  if (error.status === 404) return { key: 'error.notFound' };
  if (error.status >= 500) return { key: 'error.unavailable' };
  return { key: 'error.generic' };
}
