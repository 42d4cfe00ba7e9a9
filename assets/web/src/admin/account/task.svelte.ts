import { t } from '../../i18n/lang.svelte';
import type { Auth } from '../auth.svelte';
import { accountProblem, isSignedOut } from './account';

/** One thing at a time that the server is asked to do, and what came of it in words. */
export class Task {
  busy = $state(false);
  problem = $state('');
  done = $state('');
  readonly #auth: Auth;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** Does the work unless something is under way; resolves to true when it went well. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = this.done = '';
    try {
      await work();
      return true;
    } catch (error) {
      const { key, values } = accountProblem(error);
      this.problem = t(key, values);
      if (isSignedOut(error)) this.#auth.expire();
      return false;
    } finally {
      this.busy = false;
    }
  }
}
