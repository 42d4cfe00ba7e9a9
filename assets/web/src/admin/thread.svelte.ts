import { caughtUp, EMPTY_LOG, merge, type Log } from '../chat/log';
import { Outbox, type Outgoing } from '../chat/outbox';
import type { ChatMessage, HistoryMessage } from '../chat/types';
import { fromHistory } from '../chat/wire';
import { api, ApiError } from '../lib/api';
import { uuid } from '../lib/uuid';
import { PictureQueue, type Post } from '../pictures/queue.svelte';
import type { Conversation, ConversationDetail, Note, Suggestion } from './types';

/** Replies live in the page's memory only: an agent's machine keeps no visitor's words. */
const MEMORY = { load: () => [], save: () => {}, remove: () => {} };

/** The conversation an agent has open. */
export class Thread {
  conversation = $state.raw<Conversation | null>(null);
  messages = $state.raw<readonly ChatMessage[]>([]);
  pending = $state.raw<readonly Outgoing[]>([]);
  notes = $state.raw<readonly Note[]>([]);
  /** Replies to what the visitor last asked. */
  suggestions = $state.raw<readonly Suggestion[]>([]);
  visitorTyping = $state(false);
  loading = $state(true);
  problem = $state.raw<unknown>(null);
  readonly pictures = new PictureQueue((clientId, post) => this.#sendPicture(clientId, post));

  readonly id: string;
  #log: Log = EMPTY_LOG;
  #outbox = new Outbox(MEMORY, (items) => (this.pending = items));
  #sending = false;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #suggesting: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Loads the conversation, and again after every reconnect: live events may have been missed. */
  async load(): Promise<void> {
    try {
      const { conversation, messages, notes } = await api<ConversationDetail>(this.#path());
      this.#log = caughtUp(merge(this.#log, messages.map(fromHistory)), conversation.last_seq);
      this.messages = this.#log.messages;
      this.conversation = conversation;
      this.notes = notes;
      this.problem = null;
      this.#suggestSoon();
      void this.#flush();
    } catch (error) {
      this.problem = error;
    } finally {
      this.loading = false;
    }
  }

  receive(message: ChatMessage): void {
    this.#log = merge(this.#log, [message]);
    this.messages = this.#log.messages;
    if (message.client_id) {
      this.#outbox.remove(message.client_id);
      this.pictures.delivered(message.client_id);
    }
    if (message.sender !== 'user') return;
    this.visitorTyping = false;
    this.#suggestSoon();
  }

  /** A note of this team; one that is known already changes nothing. */
  noted(note: Note): void {
    if (this.notes.every((known) => known.id !== note.id)) this.notes = [...this.notes, note];
  }

  /** Notes something for the team. The same key makes a second try harmless. */
  async note(text: string, key: string): Promise<void> {
    this.noted(await api<Note>(this.#path('/notes'), { body: { note: text.trim() }, key }));
  }

  typing(isTyping: boolean): void {
    clearTimeout(this.#typingEnds);
    this.visitorTyping = isTyping;
    if (isTyping) this.#typingEnds = setTimeout(() => (this.visitorTyping = false), 6_000);
  }

  reply(text: string): void {
    this.#outbox.add({ client_id: uuid(), message: text.trim(), created_at: new Date().toISOString() });
    void this.#flush();
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId);
    void this.#flush();
  }

  discard(clientId: string): void {
    this.#outbox.remove(clientId);
  }

  async act(action: 'handback' | 'close' | 'assign', body: object = {}): Promise<void> {
    await api(this.#path(`/${action}`), { method: 'POST', body });
    await this.load();
  }

  #path(rest = ''): string {
    return `/api/conversations/${encodeURIComponent(this.id)}${rest}`;
  }

  /** Several messages of one moment are one question; without suggestions the team writes by itself. */
  #suggestSoon(): void {
    clearTimeout(this.#suggesting);
    this.#suggesting = setTimeout(() => {
      void api<{ suggestions: Suggestion[] }>(this.#path('/suggestions')).then(
        ({ suggestions }) => (this.suggestions = suggestions),
        () => (this.suggestions = []),
      );
    }, 200);
  }

  async #sendPicture(client_id: string, post: Post): Promise<void> {
    const stored = await post<HistoryMessage>(this.#path('/attachments'), { client_id });
    this.receive({ ...fromHistory(stored), client_id });
  }

  async #flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let item = this.#outbox.next(); item; item = this.#outbox.next()) {
        try {
          const body = { message: item.message, client_id: item.client_id };
          const stored = await api<HistoryMessage | { message: HistoryMessage }>(this.#path('/messages'), { body });
          const message = typeof stored.message === 'object' ? stored.message : (stored as HistoryMessage);
          this.receive({ ...fromHistory(message), client_id: message.client_id ?? item.client_id });
          this.#outbox.remove(item.client_id);
        } catch (error) {
          if (error instanceof ApiError && error.temporary) {
            setTimeout(() => void this.#flush(), (error.retryAfter ?? 3) * 1000);
            return;
          }
          this.#outbox.fail(item.client_id);
          this.problem = error;
        }
      }
    } finally {
      this.#sending = false;
    }
  }
}
