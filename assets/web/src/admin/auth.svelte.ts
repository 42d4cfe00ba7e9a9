import { api, ApiError } from '../lib/api';
import type { User } from './types';

export type AuthView = 'loading' | 'setup' | 'password' | 'login' | 'inbox' | 'unreachable';

/** The token of a one-time link: it stands behind the `#`, so that it never reaches a server's log. */
function linkToken(kind: 'setup' | 'password'): string | null {
  return new RegExp(`^#${kind}=(.+)$`).exec(location.hash)?.[1] ?? null;
}

/** Who is signed in, and which of the doors to show. */
export class Auth {
  view = $state<AuthView>('loading');
  user = $state.raw<User | null>(null);
  /** The session ended while somebody was working: said once on the sign-in page. */
  ended = $state(false);

  async start(): Promise<void> {
    const linked = (['setup', 'password'] as const).find((kind) => linkToken(kind));
    if (linked) {
      this.view = linked;
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
    const { user } = await api<{ user: User }>('/api/auth/setup', { body: { token: linkToken('setup'), ...form } });
    history.replaceState(null, '', location.pathname + location.search);
    this.#enter(user);
  }

  /** Sets the password the link in a letter is for; signing in comes next. */
  async setPassword(password: string): Promise<void> {
    await api('/api/auth/set-password', { body: { token: linkToken('password'), password } });
  }

  /** Asks for such a letter. */
  async forgot(username: string): Promise<void> {
    await api('/api/auth/forgot', { body: { username } });
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
