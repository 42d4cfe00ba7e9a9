import { api, ApiError } from '../lib/api';
import type { User } from './types';

export type AuthView = 'loading' | 'setup' | 'login' | 'inbox' | 'unreachable';

/** The one-time link's token: it stands behind the `#`, so that it never reaches a server's log. */
function setupToken(): string | null {
  return /^#setup=(.+)$/.exec(location.hash)?.[1] ?? null;
}

/** Who is signed in, and which of the doors to show. */
export class Auth {
  view = $state<AuthView>('loading');
  user = $state.raw<User | null>(null);
  /** The session ended while somebody was working: said once on the sign-in page. */
  ended = $state(false);

  async start(): Promise<void> {
    if (setupToken()) {
      this.view = 'setup';
      return;
    }
    try {
      const { user } = await api<{ user: User }>('/api/auth/me');
      this.#enter(user);
    } catch (error) {
      this.view = error instanceof ApiError && error.status === 401 ? 'login' : 'unreachable';
    }
  }

  async setup(form: { username: string; email: string; password: string }): Promise<void> {
    const { user } = await api<{ user: User }>('/api/auth/setup', { body: { token: setupToken(), ...form } });
    history.replaceState(null, '', location.pathname + location.search);
    this.#enter(user);
  }

  async login(form: { username: string; password: string; totp_code?: string }): Promise<void> {
    const { user } = await api<{ user: User }>('/api/auth/login', { body: form });
    this.#enter(user);
  }

  async logout(): Promise<void> {
    await api('/api/auth/logout', { method: 'POST' }).catch(() => {});
    this.user = null;
    this.view = 'login';
    history.replaceState(null, '', location.pathname + location.search);
  }

  /** The server says we are not signed in (any more). */
  expire(): void {
    this.user = null;
    this.ended = true;
    this.view = 'login';
  }

  /** Something about the account is different now. */
  changed(what: Partial<User>): void {
    if (this.user) this.user = { ...this.user, ...what };
  }

  toLogin(): void {
    history.replaceState(null, '', location.pathname + location.search);
    this.view = 'login';
  }

  #enter(user: User): void {
    this.user = user;
    this.ended = false;
    this.view = 'inbox';
  }
}
