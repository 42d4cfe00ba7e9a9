/** A message on its way. It keeps its `client_id` through every try, so that the server stores it once. */
export interface Outgoing {
  client_id: string;
  message: string;
  /** What the bubble shows when `message` is a quick reply's payload. */
  title?: string;
  created_at: string;
  /** The server refused it for good; it stays visible until the visitor sends it again or removes it. */
  failed?: boolean;
}

/** Where messages on their way outlive a reload. */
export interface OutboxStore {
  load(): Outgoing[];
  save(item: Outgoing): void;
  remove(clientId: string): void;
}

/**
 * Messages that the server has not acknowledged yet, oldest first. One is sent at a time, so the
 * order in which they were written is the order in which they are stored.
 */
export class Outbox {
  #items: readonly Outgoing[];
  readonly #store: OutboxStore;
  readonly #changed: (items: readonly Outgoing[]) => void;

  constructor(store: OutboxStore, changed: (items: readonly Outgoing[]) => void) {
    this.#store = store;
    this.#changed = changed;
    this.#items = store.load().sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  get items(): readonly Outgoing[] {
    return this.#items;
  }

  /** The next to be sent; refused ones do not hold up the rest. */
  next(): Outgoing | undefined {
    return this.#items.find((item) => !item.failed);
  }

  add(item: Outgoing): void {
    this.#store.save(item);
    this.#set([...this.#items, item]);
  }

  /** The server has it (acknowledged, or seen in the history), or the visitor gave it up. */
  remove(clientId: string): void {
    if (!this.#items.some((item) => item.client_id === clientId)) return;
    this.#store.remove(clientId);
    this.#set(this.#items.filter((item) => item.client_id !== clientId));
  }

  fail(clientId: string): void {
    this.#change(clientId, { failed: true });
  }

  /** Sends a refused one again, still under its own `client_id`. */
  retry(clientId: string): void {
    this.#change(clientId, { failed: false });
  }

  clear(): void {
    for (const item of this.#items) this.#store.remove(item.client_id);
    this.#set([]);
  }

  #change(clientId: string, change: Partial<Outgoing>): void {
    this.#set(
      this.#items.map((item) => {
        if (item.client_id !== clientId) return item;
        const next = { ...item, ...change };
        this.#store.save(next);
        return next;
      }),
    );
  }

  #set(items: readonly Outgoing[]): void {
    this.#items = items;
    this.#changed(items);
  }
}
