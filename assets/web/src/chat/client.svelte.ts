import { currentLang, t } from '../i18n/lang.svelte';
import { ApiError } from '../lib/api';
import { uuid } from '../lib/uuid';
import { PictureQueue, type Post } from '../pictures/queue.svelte';
import { Connection, isSessionGone, SendError, type Hooks } from './connection';
import { type Draft, grown, idOf, outlived } from './draft';
import { charCount, MAX_CHARS } from './limits';
import { caughtUp, EMPTY_LOG, hasGap, merge, type Log } from './log';
import { Outbox, type Outgoing } from './outbox';
import { BOT, nextSpeaker, type Speaker } from './speaker';
import { forget, outgoingStore, SESSION_KEY, storedSession, storeSession } from './storage';
import type { ChatMessage, ConnectionState, Level, Opening, QuickReply, SessionStart } from './types';
import { askForPerson, deleteData, exportData, fromHistory, history, openSession, postPicture, rate } from './wire';

/** An answer that takes longer than this is not being written any more. */
const TYPING_LASTS_MS = 20_000;
/** What the server calls its answer after it has erased the conversation. */
const ERASED_INTENT = 'data_deleted';

/** The visitor's conversation: what is shown, what is on its way, and how the line is. */
export class ChatClient {
  messages = $state.raw<readonly ChatMessage[]>([]);
  pending = $state.raw<readonly Outgoing[]>([]);
  connection = $state<ConnectionState>('connecting');
  start = $state.raw<SessionStart | null>(null);
  /** Whether somebody of the team is there, and when next. */
  opening = $state.raw<Opening | null>(null);
  speaker = $state.raw<Speaker>(BOT);
  botTyping = $state(false);
  /** What the assistant has written so far of its next answer. */
  draft = $state.raw<Draft | null>(null);
  agentTyping = $state(false);
  /** A passing word to the visitor, beside the conversation. */
  notice = $state.raw<{ text: string; level: Level } | null>(null);
  /** Epoch ms until which the server wants no message. */
  slowUntil = $state(0);
  readonly pictures = new PictureQueue((clientId, post) => this.#sendPicture(clientId, post));

  #session = $state<string | null>(null);
  #log: Log = EMPTY_LOG;
  #line: Connection | null = null;
  #outbox = new Outbox(outgoingStore, (items) => (this.pending = items));
  #flushing = false;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #gap: ReturnType<typeof setTimeout> | undefined;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #agentTypingEnds: ReturnType<typeof setTimeout> | undefined;
  /** Counts sessions, so that an answer meant for an earlier one is dropped. */
  #generation = 0;

  get sessionId(): string | null {
    return this.#session;
  }

  /** The visitor has said something: there is a conversation on the server (or on its way there). */
  get begun(): boolean {
    return this.messages.length > 0 || this.pending.length > 0 || this.pictures.items.length > 0;
  }

  /** Opens the conversation this browser had, else a new one; `destroy` undoes everything. */
  open(): () => void {
    this.pending = this.#outbox.items;
    void this.#begin();
    const wake = (): void => {
      if (document.visibilityState !== 'visible') return;
      if (this.#line) this.#line.wake();
      else void this.#begin();
    };
    const offline = (): void => this.#line?.sleep();
    const elsewhere = (event: StorageEvent): void => this.#onStorage(event);
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    window.addEventListener('pageshow', wake);
    window.addEventListener('offline', offline);
    window.addEventListener('storage', elsewhere);
    return () => {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      window.removeEventListener('pageshow', wake);
      window.removeEventListener('offline', offline);
      window.removeEventListener('storage', elsewhere);
      this.#drop();
    };
  }

  /** Shows the message at once and sends it as soon as there is a way. */
  send(message: string, title?: string): void {
    const text = message.trim();
    if (!text || charCount(text) > MAX_CHARS) return;
    this.notice = null;
    // Now the visitor has acted, so the conversation may be remembered.
    if (this.#session) storeSession(this.#session);
    this.#outbox.add({ client_id: uuid(), message: text, ...(title ? { title } : {}), created_at: new Date().toISOString() });
    this.#line?.typing(false);
    void this.#flush();
  }

  quickReply(reply: QuickReply): void {
    this.send(reply.payload, reply.title);
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId);
    void this.#flush();
  }

  discard(clientId: string): void {
    this.#outbox.remove(clientId);
  }

  typing(isTyping: boolean): void {
    if (this.begun) this.#line?.typing(isTyping);
  }

  /** The page's language changed: before the first message the greeting follows it. */
  relanguage(): void {
    if (this.start && !this.begun && this.start.lang !== currentLang()) void this.#create();
  }

  async talkToPerson(): Promise<void> {
    const session = await this.#actingSession();
    const answer = await askForPerson(session);
    this.speaker = { by: answer.handled_by, agentName: this.speaker.agentName };
    this.botTyping = false;
    void this.#line?.sync();
  }

  async rate(rating: number, comment: string): Promise<void> {
    if (this.#session) await rate(this.#session, rating, comment);
  }

  async export(): Promise<unknown> {
    return this.#session ? exportData(this.#session) : null;
  }

  /** Deletes the conversation on the server, forgets it here, and starts a new one. */
  async deleteEverything(): Promise<void> {
    if (this.#session) {
      await deleteData(this.#session).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      });
    }
    this.#startOver();
  }

  /** A session this browser stored, if the server still knows it; else a new one. */
  async #begin(): Promise<void> {
    clearTimeout(this.#opening);
    const stored = storedSession();
    if (!stored) return void (await this.#create());
    const generation = ++this.#generation;
    try {
      const past = await history(stored, 0);
      if (generation !== this.#generation) return;
      if (past.lastSeq === 0 && past.messages.length === 0 && this.#outbox.items.length === 0) {
        forget();
        return void (await this.#create());
      }
      this.#adopt(stored);
      this.opening = past.raw;
      this.#receive(past.messages);
      this.#log = caughtUp(this.#log, past.messages.at(-1)?.seq ?? past.lastSeq);
      this.speaker = nextSpeaker(this.speaker, past.raw);
      this.#connect(stored);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ApiError && (error.status === 403 || error.status === 404 || error.status === 400 || error.status === 422)) {
        forget();
        for (const item of this.#outbox.items) outgoingStore.save(item);
        await this.#create();
      } else this.#beginLater(error);
    }
  }

  /** Asks for a new session; null when the server cannot be reached (it is tried again by itself). */
  async #create(): Promise<string | null> {
    clearTimeout(this.#opening);
    const generation = ++this.#generation;
    try {
      const start = await openSession(currentLang());
      if (generation !== this.#generation) return this.#session;
      this.start = start;
      this.opening = start;
      this.#adopt(start.session_id);
      if (this.#outbox.items.length > 0) storeSession(start.session_id);
      this.#connect(start.session_id);
      return start.session_id;
    } catch (error) {
      if (generation === this.#generation) this.#beginLater(error);
      return null;
    }
  }

  #beginLater(error: unknown): void {
    this.connection = 'offline';
    const wait = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 3_000;
    this.#opening = setTimeout(() => void this.#begin(), wait);
  }

  #adopt(session: string): void {
    this.#line?.close();
    this.#line = null;
    this.#session = session;
    this.#log = EMPTY_LOG;
    this.messages = [];
    this.speaker = BOT;
    this.draft = null;
    this.botTyping = false;
  }

  #connect(session: string): void {
    const line = new Connection(session, this.#hooks(session));
    this.#line = line;
    this.connection = 'connecting';
    line.open();
    void this.#flush();
  }

  #hooks(session: string): Hooks {
    const current = (): boolean => this.#session === session;
    return {
      known: () => this.#log.known,
      state: (state) => {
        if (!current()) return;
        this.connection = state;
        if (state === 'online' || state === 'polling') void this.#flush();
        else this.agentTyping = false;
      },
      messages: (messages) => current() && this.#receive(messages),
      draft: (piece) => {
        if (!current()) return;
        const own = this.#log.messages.filter((m) => m.sender === 'user').map(idOf);
        this.draft = grown(this.draft, piece, Math.max(0, ...own));
      },
      speaker: (said, lastSeq) => {
        // An older state than what has meanwhile been told live counts no more.
        if (current() && lastSeq >= this.#newest) this.speaker = nextSpeaker(this.speaker, said);
      },
      complete: (lastSeq) => {
        if (current()) this.#log = caughtUp(this.#log, lastSeq);
      },
      agentTyping: (isTyping) => {
        clearTimeout(this.#agentTypingEnds);
        this.agentTyping = isTyping;
        if (isTyping) this.#agentTypingEnds = setTimeout(() => (this.agentTyping = false), 6_000);
      },
      notice: (text, level) => (this.notice = { text, level }),
      // A refused message says so itself, with a way to send it again.
      problem: () => {
        if (!this.#flushing) this.notice = { text: t('error.generic'), level: 'error' };
      },
      slowDown: (seconds) => (this.slowUntil = Date.now() + seconds * 1000),
      lost: () => {
        if (!current()) return;
        forget();
        for (const item of this.#outbox.items) outgoingStore.save(item);
        void this.#create();
      },
    };
  }

  get #newest(): number {
    return this.#log.messages.at(-1)?.seq ?? 0;
  }

  #receive(incoming: ChatMessage[]): void {
    const before = this.#newest;
    this.#log = merge(this.#log, incoming);
    this.messages = this.#log.messages;
    this.draft = outlived(this.draft, incoming);
    for (const message of incoming) {
      if (message.client_id) {
        this.#outbox.remove(message.client_id);
        this.pictures.delivered(message.client_id);
      }
      if (message.seq >= before) this.speaker = nextSpeaker(this.speaker, message);
      if (message.sender === 'user') continue;
      this.botTyping = false;
      if (message.sender !== 'agent') continue;
      this.agentTyping = false;
      if (this.notice?.level === 'info') this.notice = null; // "somebody will come" is over: somebody has
    }
    if (incoming.some((m) => m.sender === 'bot' && m.intent === ERASED_INTENT)) return this.#afterErasure();
    if (hasGap(this.#log)) this.#askForGap();
  }

  /** Events of one moment may overtake each other; only what is still missing a little later is asked for. */
  #askForGap(): void {
    clearTimeout(this.#gap);
    this.#gap = setTimeout(() => hasGap(this.#log) && void this.#line?.sync(), 250);
  }

  /** Sends what waits, one after the other; a message leaves the outbox only when the server has it. */
  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let item = this.#outbox.next(); item && this.#line?.usable; item = this.#outbox.next()) {
        const line = this.#line;
        this.#expectAnswer();
        try {
          await line.send(item);
          this.#outbox.remove(item.client_id);
        } catch (error) {
          this.botTyping = false;
          if (!(await this.#afterFailure(item, error))) break;
        }
      }
    } finally {
      this.#flushing = false;
    }
  }

  /** Decides what happens with a message that did not get through; true means: go on at once. */
  async #afterFailure(item: Outgoing, error: unknown): Promise<boolean> {
    const { kind, wait } = error instanceof SendError ? error : new SendError('refused');
    if (kind === 'refused') {
      this.#outbox.fail(item.client_id);
      return true;
    }
    if (kind === 'session') {
      forget();
      for (const left of this.#outbox.items) outgoingStore.save(left);
      setTimeout(() => void this.#create(), 0);
      return false;
    }
    if (wait > 1) this.slowUntil = Date.now() + wait * 1000;
    setTimeout(() => void this.#flush(), wait * 1000);
    return false;
  }

  /** Sends one picture; a session the server does not know any more is replaced once. */
  async #sendPicture(clientId: string, post: Post): Promise<void> {
    const session = await this.#actingSession();
    try {
      await this.#postPicture(session, clientId, post);
    } catch (error) {
      if (!(error instanceof ApiError) || !isSessionGone(error.code) || session !== this.#session) throw error;
      forget();
      await this.#create();
      await this.#postPicture(await this.#actingSession(), clientId, post);
    }
  }

  async #postPicture(session: string, clientId: string, post: Post): Promise<void> {
    const { message, reply, handled_by, agent_name } = await postPicture(session, clientId, post);
    if (session !== this.#session) return;
    const said = { handled_by, agent_name };
    this.#receive([{ ...fromHistory(message), client_id: clientId, ...said }, ...(reply ? [{ ...fromHistory(reply), ...said }] : [])]);
  }

  /** The session of somebody who acts now: opened if there is none, and remembered from here on. */
  async #actingSession(): Promise<string> {
    const session = this.#session ?? (await this.#create());
    if (!session) throw new ApiError(0, 'network', '');
    storeSession(session);
    return session;
  }

  /** The assistant is at it from now on, unless a person has the conversation. */
  #expectAnswer(): void {
    if (this.speaker.by !== 'bot') return;
    this.botTyping = true;
    clearTimeout(this.#typingEnds);
    this.#typingEnds = setTimeout(() => (this.botTyping = false), TYPING_LASTS_MS);
  }

  /** Another tab of this browser changed the conversation: begun, deleted, or delivered a message. */
  #onStorage(event: StorageEvent): void {
    if (event.key !== SESSION_KEY && event.key !== null) return;
    const stored = storedSession();
    if (!stored && this.begun) this.#startOver();
    else if (stored && stored !== this.#session && !this.begun) void this.#begin();
  }

  /** The visitor had the conversation erased in the conversation itself: its session is over. */
  #afterErasure(): void {
    this.#startOver();
    this.notice = { text: t('delete.done'), level: 'success' };
  }

  #startOver(): void {
    this.#outbox.clear();
    this.pictures.clear();
    forget();
    this.#drop();
    this.start = null;
    void this.#create();
  }

  #drop(): void {
    this.#generation += 1;
    clearTimeout(this.#opening);
    this.#line?.close();
    this.#line = null;
    this.#session = null;
    this.#log = EMPTY_LOG;
    this.messages = [];
    this.speaker = BOT;
    this.draft = null;
    this.botTyping = false;
    this.agentTyping = false;
  }
}
