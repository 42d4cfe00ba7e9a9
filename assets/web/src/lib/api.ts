/** An answer that was not a success, as every endpoint of the server words it. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when the server could not be reached at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, string> = {},
    /** Seconds to wait, from `Retry-After` (429 and 503). */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  /** The request may succeed later without being changed. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What an answer that was not a success says; `body` is its JSON, if it had any. */
export function apiError(status: number, body: unknown, retryAfter: string | null): ApiError {
  const { error, code, details } = (body ?? {}) as Partial<{ error: string; code: string; details: Record<string, string> }>;
  const wait = Number(retryAfter);
  return new ApiError(status, code ?? 'unknown', error ?? '', details ?? {}, Number.isFinite(wait) && wait > 0 ? wait : undefined);
}

/**
 * One call to the server; rejects with {@link ApiError} only. A call that hangs is given up after 15 s, or `timeoutMs`.
 * With a `key`, doing it again creates nothing twice. With a `signal`, the caller can give it up earlier.
 */
export async function api<T>(
  path: string,
  options: { method?: string; body?: unknown; key?: string; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 15_000);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers: {
        accept: 'application/json',
        // The page's language, which the visitor may have chosen against the browser's.
        'accept-language': document.documentElement.lang,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: 'same-origin',
      signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
    });
  } catch {
    throw new ApiError(0, 'network', '');
  }
  if (!answer.ok) throw apiError(answer.status, await answer.json().catch(() => null), answer.headers.get('retry-after'));
  try {
    return (answer.status === 204 ? {} : await answer.json()) as T;
  } catch {
    throw new ApiError(0, 'network', '');
  }
}
