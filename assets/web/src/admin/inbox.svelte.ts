import { io, type Socket } from 'socket.io-client';
import type { ChatMessage } from '../chat/types';
import { api, ApiError } from '../lib/api';
import { belongs, filterQuery, inOrder, isUnread, readAtFirst, withMessage } from './order';
import { LeadList } from './leads.svelte';
import { Thread } from './thread.svelte';
import type { Conversation, ConversationPage, Filter, Lead, Note, TeamMember } from './types';

const TYPING_EVERY_MS = 2_000;
const idOf = (c: { id: number | string }): string => String(c.id);

/** The list of conversations, kept current by Socket.IO, and the one that is open. */
export class Inbox {
  filter = $state<Filter>('open');
  q = $state('');
  live = $state(false);
  loaded = $state(false);
  waiting = $state(0);
  pages = $state(1);
  /** Who a conversation can be given to. */
  team = $state.raw<readonly TeamMember[]>([]);
  thread = $state.raw<Thread | null>(null);
  problem = $state.raw<unknown>(null);

  #all = $state.raw<ReadonlyMap<string, Conversation>>(new Map());
  #seen = $state.raw<ReadonlyMap<string, number>>(new Map());
  #page = 1;
  #load = 0;
  #socket: Socket | null = null;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  #count: ReturnType<typeof setTimeout> | undefined;
  #lastTyping = 0;
  readonly leads: LeadList;
  readonly #expired: () => void;

  /** Visitors who wait longer than they should. */
  escalated = $derived([...this.#all.values()].filter((c) => c.status === 'open' && c.is_escalated).length);

  list = $derived(inOrder([...this.#all.values()].filter((c) => belongs(c, this.filter))));

  constructor(expired: () => void) {
    this.#expired = expired;
    this.leads = new LeadList(expired);
  }

  get hasMore(): boolean {
    return this.#page < this.pages;
  }

  unread(c: Conversation): boolean {
    return idOf(c) !== this.thread?.id && isUnread(c, this.#seen.get(idOf(c)) ?? 0);
  }

  open(): () => void {
    const socket = io({ path: '/socket.io', reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
    this.#socket = socket;
    socket.on('connect', () => socket.emit('join', { room: 'admin' }));
    socket.on('joined', (p: { room?: string }) => {
      if (p?.room !== 'admin') return;
      this.live = true;
      // What happened while the line was down is not repeated by the server: look again.
      void this.reload();
      void this.thread?.load();
      void this.leads.reload();
    });
    socket.on('disconnect', (reason) => {
      this.live = false;
      if (reason === 'io server disconnect') setTimeout(() => this.#socket === socket && socket.connect(), 1_000);
    });
    socket.on('error_message', (p: { code?: string }) => {
      if (p?.code === 'forbidden' || p?.code === 'unauthorized') void this.#checkSession();
    });
    socket.on('conversation_updated', (p: { conversation?: Conversation }) => p?.conversation && this.#update(p.conversation));
    socket.on('chat_message', (p: ChatMessage & { session_id: string }) => this.#onMessage(p));
    for (const event of ['new_lead', 'lead_updated']) {
      socket.on(event, (p: { lead?: Lead }) => p?.lead && this.leads.receive(p.lead));
    }
    socket.on('user_typing', (p: { session_id?: string; is_typing?: boolean }) => {
      if (p?.session_id && p.session_id === this.thread?.conversation?.session_id) this.thread.typing(p.is_typing === true);
    });
    socket.on('conversation_note', (p: { conversation_id?: number; note?: Note }) => {
      if (p?.note && String(p.conversation_id) === this.thread?.id) this.thread.noted(p.note);
    });
    void this.reload();
    void this.leads.reload();
    void api<{ team: TeamMember[] }>('/api/conversations/team').then(
      ({ team }) => (this.team = team),
      () => {},
    );
    const wake = (): void => {
      if (document.visibilityState === 'visible' && !socket.connected) socket.connect();
    };
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    return () => {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      clearTimeout(this.#refresh);
      clearTimeout(this.#count);
      this.#socket = null;
      socket.disconnect();
    };
  }

  /** Loads the first page of what is chosen, and who waits, wherever in the list they are. */
  async reload(): Promise<void> {
    const mine = ++this.#load;
    const { filter, q } = this;
    try {
      const [first, queue] = await Promise.all([
        api<ConversationPage>(`/api/conversations?${filterQuery(filter, q, 1)}`),
        api<ConversationPage>(`/api/conversations?${filterQuery('queue', '', 1)}`),
      ]);
      if (mine !== this.#load) return;
      this.#page = 1;
      this.pages = first.pages;
      this.waiting = queue.total;
      const searching = q.trim() !== '';
      this.#put(new Map(), searching ? first.conversations : [...first.conversations, ...queue.conversations]);
      this.loaded = true;
      this.problem = null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#expired();
      else this.problem = error;
    }
  }

  async more(): Promise<void> {
    const mine = this.#load;
    const next = await api<ConversationPage>(`/api/conversations?${filterQuery(this.filter, this.q, this.#page + 1)}`);
    if (mine !== this.#load) return;
    this.#page = next.page;
    this.pages = next.pages;
    this.#put(this.#all, next.conversations);
  }

  show(id: string | null): void {
    if (id === (this.thread?.id ?? null)) return;
    if (this.thread) this.#read(this.thread.id);
    this.thread = id === null ? null : new Thread(id);
    void this.thread?.load().then(() => id !== null && this.#read(id));
  }

  typing(isTyping: boolean): void {
    const session = this.thread?.conversation?.session_id;
    const now = Date.now();
    if (!session || (isTyping ? now - this.#lastTyping < TYPING_EVERY_MS : this.#lastTyping === 0)) return;
    this.#lastTyping = isTyping ? now : 0;
    this.#socket?.volatile.emit('typing', { session_id: session, is_typing: isTyping });
  }

  #put(base: ReadonlyMap<string, Conversation>, conversations: readonly Conversation[]): void {
    const all = new Map(base);
    const seen = new Map(this.#seen);
    for (const c of conversations) {
      all.set(idOf(c), c);
      if (!seen.has(idOf(c))) seen.set(idOf(c), readAtFirst(c));
    }
    this.#all = all;
    this.#seen = seen;
  }

  #read(id: string): void {
    const c = this.#all.get(id) ?? this.thread?.conversation;
    if (c) this.#seen = new Map(this.#seen).set(id, c.last_seq);
  }

  #update(conversation: Conversation): void {
    const id = idOf(conversation);
    const old = this.#all.get(id);
    // While searching, only what the server found is shown; a stranger waits for the next search.
    if (old || this.q.trim() === '') {
      const seen = new Map(this.#seen);
      if (!seen.has(id)) seen.set(id, conversation.handled_by === 'bot' ? 0 : readAtFirst(conversation));
      this.#seen = seen;
      this.#all = new Map(this.#all).set(id, conversation);
    }
    if (this.thread?.id === id) {
      this.thread.conversation = conversation;
      this.#read(id);
    }
    this.#countSoon();
  }

  #onMessage(message: ChatMessage & { session_id: string }): void {
    if (this.thread?.conversation?.session_id === message.session_id) this.thread.receive(message);
    const known = [...this.#all.values()].find((c) => c.session_id === message.session_id);
    if (!known) return this.#reloadSoon();
    this.#all = new Map(this.#all).set(idOf(known), withMessage(known, message));
    if (this.thread?.id === idOf(known)) this.#read(idOf(known));
  }

  #reloadSoon(): void {
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => {
      void this.reload();
      void this.thread?.load();
    }, 300);
  }

  /** The number waiting is the server's, not that of the pages loaded here. */
  #countSoon(): void {
    clearTimeout(this.#count);
    this.#count = setTimeout(() => {
      void api<ConversationPage>(`/api/conversations?${filterQuery('queue', '', 1)}`).then(
        (queue) => (this.waiting = queue.total),
        () => {},
      );
    }, 200);
  }

  async #checkSession(): Promise<void> {
    await api('/api/auth/me').catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) this.#expired();
    });
  }
}
