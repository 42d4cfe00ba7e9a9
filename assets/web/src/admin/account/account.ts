import type { Key } from '../../i18n/keys';
import { api, ApiError } from '../../lib/api';
import { problemKey } from '../../lib/problem';

/** A browser in which the account is signed in. */
export interface LoginSession {
  id: number;
  /** "Firefox on Windows" */
  browser: string;
  /** Where it signed in from, shortened to a network. */
  address: string;
  created_at: string;
  last_seen_at: string;
  /** The one this page runs in. */
  current: boolean;
}

export type Role = 'agent' | 'owner';

/** A key for programs; the key itself is known to whoever made it only. */
export interface ApiKey {
  id: number;
  name: string;
  role: Role;
  /** Its first characters. */
  hint: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** What an authenticator app needs. */
export interface Enrolment {
  secret: string;
  otpauth_url: string;
}

export const beginTotp = (): Promise<Enrolment> => api('/api/auth/totp/begin', { method: 'POST' });
export const confirmTotp = (code: string): Promise<unknown> => api('/api/auth/totp/confirm', { body: { code } });
export const disableTotp = (password: string): Promise<unknown> => api('/api/auth/totp', { method: 'DELETE', body: { password } });

export const changePassword = (current_password: string, new_password: string): Promise<unknown> =>
  api('/api/auth/password', { body: { current_password, new_password } });

export const loginSessions = async (): Promise<LoginSession[]> => (await api<{ sessions: LoginSession[] }>('/api/auth/sessions')).sessions;
export const endSession = (id: number): Promise<unknown> => api(`/api/auth/sessions/${id}`, { method: 'DELETE' });

/** The keys that still work, the newest first. */
export async function apiKeys(): Promise<ApiKey[]> {
  const { keys } = await api<{ keys: ApiKey[] }>('/api/auth/keys');
  return keys.filter((key) => !key.revoked_at);
}

/** Makes a key that works to the end of the day `until` (`2027-01-31`), or for good; gives the key itself, this once. */
export async function createApiKey(name: string, role: Role, until: string): Promise<string> {
  const end = until ? { expires_at: endOfDay(until).toISOString() } : {};
  return (await api<{ key: string }>('/api/auth/keys', { body: { name, role, ...end } })).key;
}

export const revokeApiKey = (id: number): Promise<unknown> => api(`/api/auth/keys/${id}`, { method: 'DELETE' });

/** The last moment of a day, by the clock of whoever chose it. */
export function endOfDay(day: string): Date {
  return new Date(`${day}T23:59:59`);
}

/** A secret in groups of four, as it is easier to copy from one screen to another. */
export function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}

const KEYS: Record<string, Key> = {
  wrong_password: 'account.wrongPassword',
  invalid_password: 'admin.passwordProblem',
  totp_code_wrong: 'admin.totpWrong',
  totp_not_begun: 'account.totpStale',
  totp_already_enabled: 'account.totpStale',
  totp_not_enabled: 'account.totpStale',
  invalid_expires_at: 'account.keyExpiresProblem',
  invalid_name: 'account.keyNameProblem',
};

/** Which sentence tells what went wrong with one's account. */
export function accountProblem(error: unknown): { key: Key; values?: Record<string, number> } {
  if (error instanceof ApiError) {
    const key = KEYS[error.code];
    if (key) return { key };
    if (error.status === 429) return { key: 'account.tooOften', values: { n: Math.ceil(error.retryAfter ?? 5) } };
  }
  return problemKey(error);
}

/** The session behind the page has ended. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
