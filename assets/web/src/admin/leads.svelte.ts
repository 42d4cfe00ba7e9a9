import { api, ApiError } from '../lib/api';
import { newestFirst } from './order';
import type { Lead, LeadPage } from './types';

/** The people who left a way to reach them, kept current by Socket.IO. */
export class LeadList {
  loaded = $state(false);
  pages = $state(1);
  problem = $state.raw<unknown>(null);
  #all = $state.raw<ReadonlyMap<number, Lead>>(new Map());
  #page = $state(1);
  readonly #expired: () => void;

  list = $derived(newestFirst([...this.#all.values()]));

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  get hasMore(): boolean {
    return this.#page < this.pages;
  }

  async reload(): Promise<void> {
    await this.#load(1, new Map());
  }

  async more(): Promise<void> {
    await this.#load(this.#page + 1, this.#all);
  }

  /** A lead that is new, or stands otherwise now. */
  receive(lead: Lead): void {
    this.#all = new Map(this.#all).set(lead.id, lead);
  }

  async #load(page: number, before: ReadonlyMap<number, Lead>): Promise<void> {
    try {
      const answer = await api<LeadPage>(`/api/leads?page=${page}`);
      this.#all = new Map([...before, ...answer.leads.map((lead) => [lead.id, lead] as const)]);
      this.#page = answer.page;
      this.pages = answer.pages;
      this.loaded = true;
      this.problem = null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#expired();
      else this.problem = error;
    }
  }
}
