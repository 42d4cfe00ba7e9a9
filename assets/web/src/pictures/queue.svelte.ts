import { uuid } from '../lib/uuid';
import type { Preview, Seen } from './prepare';
import type { Told } from './refusals';

export const pictureParts = (): Promise<typeof import('./parts')> => import('./parts');

/** A picture on its way. */
export interface Upload {
  readonly client_id: string;
  readonly name: string;
  readonly created_at: string;
  /** Null while it is looked at, and when this browser cannot show it. */
  readonly preview: Preview | null;
  /** Share that has left this device, 0 to 1; at 1 the server looks at it. */
  readonly progress: number;
  /** Why it was not sent. */
  readonly problem: Told | null;
}

type Parts = Awaited<ReturnType<typeof pictureParts>>;

interface Work {
  file: File;
  seen: Seen | null;
  stop: AbortController;
}

/** Posts the picture to an address, with these fields. */
export type Post = <T>(path: string, fields: Record<string, string>) => Promise<T>;

/** Hands one picture to the server; resolves once it is stored there. The same id stores nothing twice. */
export type SendPicture = (clientId: string, post: Post) => Promise<void>;

/** Pictures on their way: sent one after the other, and kept in this page's memory only. */
export class PictureQueue {
  items = $state.raw<readonly Upload[]>([]);
  readonly #send: SendPicture;
  readonly #work = new Map<string, Work>();
  #busy = false;

  constructor(send: SendPicture) {
    this.#send = send;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const client_id = uuid();
      this.#work.set(client_id, { file, seen: null, stop: new AbortController() });
      const created_at = new Date().toISOString();
      this.items = [...this.items, { client_id, name: file.name, created_at, preview: null, progress: 0, problem: null }];
      void this.#look(client_id);
    }
  }

  /** Sends one again that did not get through, still under its own id. */
  retry(id: string): void {
    this.#change(id, { problem: null, progress: 0 });
    void (this.#work.get(id)?.seen ? this.#run() : this.#look(id));
  }

  /** The person does not want it any more. */
  cancel(id: string): void {
    this.#work.get(id)?.stop.abort();
    this.delivered(id);
  }

  /** The server has it (or nobody wants it): the page need not remember it. */
  delivered(id: string): void {
    const item = this.#find(id);
    if (!item) return;
    this.#work.delete(id);
    this.items = this.items.filter((other) => other !== item);
    // Whoever shows it already goes on doing so.
    if (item.preview) URL.revokeObjectURL(item.preview.url);
  }

  clear(): void {
    for (const { client_id } of this.items) this.cancel(client_id);
  }

  async #look(id: string): Promise<void> {
    const work = this.#work.get(id);
    if (!work) return;
    await this.#attempt(id, async ({ look }) => {
      work.seen = await look(work.file);
      const { preview } = work.seen;
      if (work.stop.signal.aborted && preview) URL.revokeObjectURL(preview.url);
      this.#change(id, { preview });
    });
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let id = this.#next(); id !== undefined; id = this.#next()) await this.#deliver(id);
    this.#busy = false;
  }

  /** The oldest, once it was looked at; refused ones do not hold up the rest. */
  #next(): string | undefined {
    const id = this.items.find((item) => !item.problem)?.client_id;
    return id !== undefined && this.#work.get(id)?.seen ? id : undefined;
  }

  async #deliver(id: string): Promise<void> {
    const work = this.#work.get(id);
    if (!work?.seen) return;
    const { file, seen } = work;
    const { signal } = work.stop;
    await this.#attempt(id, async ({ fitted, upload }) => {
      const ready = await fitted(file, seen);
      const progress = (share: number): void => this.#change(id, { progress: share });
      if (!signal.aborted) await this.#send(id, (path, fields) => upload(path, fields, ready, progress, signal));
      this.delivered(id);
    });
  }

  /** Does some work for a picture; what goes wrong is told beside it. */
  async #attempt(id: string, work: (parts: Parts) => Promise<void>): Promise<void> {
    let parts: Parts;
    try {
      parts = await pictureParts();
    } catch {
      return this.#change(id, { problem: { key: 'error.network', again: true } });
    }
    await work(parts).catch((error: unknown) => this.#change(id, { problem: parts.told(error) }));
  }

  #find(id: string): Upload | undefined {
    return this.items.find((item) => item.client_id === id);
  }

  #change(id: string, change: Partial<Upload>): void {
    this.items = this.items.map((item) => (item.client_id === id ? { ...item, ...change } : item));
  }
}
