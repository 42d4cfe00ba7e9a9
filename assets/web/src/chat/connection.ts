import { io, type Socket } from 'socket.io-client';
import { ApiError } from '../lib/api';
import type { Outgoing } from './outbox';
import type { SpeakerFields } from './speaker';
import type { Ack, BotResponse, BotResponseDelta, ChatMessage, ConnectionState, Level } from './types';
import { fromBotResponse, fromChatAnswer, history, placed, postMessage } from './wire';

/** Without an answer for this long a message counts as not delivered, and is sent again. */
const ACK_TIMEOUT_MS = 8_000;
/** Without a socket for this long we go on over plain HTTP. */
const FALLBACK_AFTER_MS = 5_000;
const POLL_EVERY_MS = 4_000;
const TYPING_EVERY_MS = 2_000;

/** What the conversation around a connection wants to know. */
export interface Hooks {
  /** How far nothing is missing; a (re)connect asks for what came after. */
  known(): number;
  state(state: ConnectionState): void;
  messages(messages: ChatMessage[]): void;
  /** More of an answer that is being written. */
  draft(piece: BotResponseDelta): void;
  /** Who answers, when the conversation has come as far as `lastSeq`. */
  speaker(said: SpeakerFields, lastSeq: number): void;
  /** The history is complete up to this seq. */
  complete(lastSeq: number): void;
  agentTyping(isTyping: boolean): void;
  notice(text: string, level: Level): void;
  /** The server refused something we sent, other than for haste. */
  problem(code: string): void;
  /** The server wants us to write more slowly. */
  slowDown(seconds: number): void;
  /** The server does not know this session (any more): start another. */
  lost(): void;
}

/** Why a message could not be delivered: `retry` (later, unchanged), `session` (the session is gone), `refused` (for good). */
export class SendError extends Error {
  constructor(
    readonly kind: 'retry' | 'session' | 'refused',
    /** Seconds the server asks us to wait. */
    readonly wait = 0,
  ) {
    super(kind);
  }
}

/** Codes by which the server asks for patience. */
const TOO_FAST = new Set(['too_many_requests', 'rate_limited']);
const SESSION_GONE = new Set(['weak_session_id', 'unknown_session', 'session_not_found', 'invalid_session_id']);

/** The server refused the session itself, so another one is needed. */
export function isSessionGone(code: string | undefined): boolean {
  return code !== undefined && SESSION_GONE.has(code);
}

function sendError(code: string, wait?: number): SendError {
  if (isSessionGone(code)) return new SendError('session');
  if (TOO_FAST.has(code)) return new SendError('retry', wait ?? 5);
  if (['internal', 'unavailable', 'busy', 'timeout', 'shutting_down'].includes(code)) return new SendError('retry', wait ?? 2);
  return new SendError('refused');
}

/**
 * One session's line to the server: Socket.IO, and HTTP with polling while no socket can be had.
 * It carries messages and says how it is; what they mean is the conversation's business.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #session: string;
  readonly #hooks: Hooks;
  #state: ConnectionState = 'connecting';
  #fallback: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #lastTyping = 0;
  #closed = false;

  constructor(session: string, hooks: Hooks) {
    this.#session = session;
    this.#hooks = hooks;
    this.#socket = io({
      path: '/socket.io',
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: ACK_TIMEOUT_MS,
      // A function, so that every reconnect tells how far we have come by then. `lang` is a hint for the first
      // message; a `lang` with each message would fix the answer's language, which shall follow the question.
      auth: (send) => send({ session_id: session, last_seq: hooks.known(), lang: document.documentElement.lang }),
    });
    this.#listen();
  }

  open(): void {
    this.#armFallback();
    this.#socket.connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#fallback);
    clearTimeout(this.#poll);
    this.#socket.disconnect();
  }

  /** A message handed over now has a way to go. */
  get usable(): boolean {
    return this.#socket.connected || this.#state === 'polling';
  }

  /** The page came back (visible again, network back): look at once, do not wait for the next timer. */
  wake(): void {
    if (this.#closed) return;
    if (this.#socket.connected) void this.sync();
    else {
      this.#socket.connect();
      if (this.#state !== 'connecting') this.#pollNow();
    }
  }

  /** The browser itself says there is no network. */
  sleep(): void {
    if (!this.#socket.connected) this.#set('offline');
  }

  /** Fetches what is missing; resolves to false when the server cannot be reached. */
  async sync(): Promise<boolean> {
    try {
      for (let page = 0; page < 50; page += 1) {
        const since = this.#hooks.known();
        const { messages, lastSeq, raw } = await history(this.#session, since);
        if (this.#closed) return true;
        this.#hooks.messages(messages);
        const end = messages.at(-1)?.seq ?? lastSeq;
        this.#hooks.complete(end);
        this.#hooks.speaker(raw, lastSeq);
        if (end >= lastSeq || messages.length === 0) return true;
      }
      return true;
    } catch (error) {
      // Before the first message the server keeps nothing, so "not found" still means it is there.
      return error instanceof ApiError && (error.status === 404 || error.status === 429);
    }
  }

  /** Hands one message to the server; resolves once it is stored there. */
  async send(item: Outgoing): Promise<void> {
    if (this.#socket.connected) return this.#sendBySocket(item);
    return this.#sendByHttp(item);
  }

  /** Tells that the visitor is writing, at most every 2 s; a stop is told once. */
  typing(isTyping: boolean): void {
    const now = Date.now();
    if (!this.#socket.connected || (isTyping ? now - this.#lastTyping < TYPING_EVERY_MS : this.#lastTyping === 0)) return;
    this.#lastTyping = isTyping ? now : 0;
    this.#socket.volatile.emit('typing', { session_id: this.#session, is_typing: isTyping });
  }

  async #sendBySocket(item: Outgoing): Promise<void> {
    const { message, client_id } = item;
    let ack: Ack;
    try {
      ack = await this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck('chat_message', { session_id: this.#session, message, client_id });
    } catch {
      throw new SendError('retry', 1);
    }
    if (!ack || !('seq' in ack)) throw sendError(ack?.code ?? 'internal', ack?.retry_after_s);
    this.#hooks.messages([{ ...placed(item, ack.seq), handled_by: ack.handled_by, agent_name: ack.agent_name }]);
  }

  async #sendByHttp(item: Outgoing): Promise<void> {
    try {
      this.#hooks.messages(fromChatAnswer(item, await postMessage(this.#session, item)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.temporary) throw new SendError('retry', error.retryAfter ?? 3);
      throw sendError(error.code, error.retryAfter);
    }
  }

  #listen(): void {
    const socket = this.#socket;
    const ours = (payload: { session_id?: string } | undefined): boolean => !payload?.session_id || payload.session_id === this.#session;
    socket.on('connect', () => {
      clearTimeout(this.#fallback);
      clearTimeout(this.#poll);
      this.#set('online');
    });
    socket.on('connected', (p: { last_seq?: number }) => {
      // The missed messages follow by themselves; if we are behind later, hasGap asks for them.
      if (p && typeof p.last_seq === 'number' && p.last_seq > this.#hooks.known()) setTimeout(() => this.#syncIfBehind(p.last_seq ?? 0), 1_500);
    });
    socket.on('chat_message', (p: ChatMessage & { session_id?: string }) => ours(p) && this.#hooks.messages([p]));
    socket.on('bot_response', (p: BotResponse) => ours(p) && this.#hooks.messages([fromBotResponse(p)]));
    socket.on('bot_response_delta', (p: BotResponseDelta) => ours(p) && this.#hooks.draft(p));
    socket.on('agent_typing', (p: { session_id?: string; is_typing?: boolean }) => ours(p) && this.#hooks.agentTyping(p?.is_typing === true));
    socket.on('notification', (p: { title?: string; body?: string; level?: Level }) =>
      this.#hooks.notice([p.title, p.body].filter(Boolean).join(': '), p.level ?? 'info'),
    );
    socket.on('system_message', (p: { message: string; level?: Level }) => this.#hooks.notice(p.message, p.level ?? 'info'));
    socket.on('error_message', (p: { code?: string; error?: string; retry_after_s?: number }) => this.#onError(p));
    socket.on('disconnect', (reason) => {
      if (this.#closed) return;
      this.#set('connecting');
      this.#armFallback();
      // The server hung up on purpose (a restart): the library leaves it to us to call again.
      if (reason === 'io server disconnect') this.#later(() => socket.connect());
    });
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      if (this.#closed) return;
      if (isSessionGone(error.data?.code)) this.#hooks.lost();
      else if (!socket.active) this.#later(() => socket.connect());
    });
  }

  #onError(problem: { code?: string; error?: string; retry_after_s?: number }): void {
    if (isSessionGone(problem.code)) this.#hooks.lost();
    else if (problem.code && TOO_FAST.has(problem.code)) this.#hooks.slowDown(problem.retry_after_s ?? 5);
    else if (problem.code) this.#hooks.problem(problem.code);
  }

  #later(work: () => void): void {
    setTimeout(() => !this.#closed && work(), 1_000);
  }

  #syncIfBehind(lastSeq: number): void {
    if (!this.#closed && this.#hooks.known() < lastSeq) void this.sync();
  }

  #armFallback(): void {
    clearTimeout(this.#fallback);
    this.#fallback = setTimeout(() => this.#pollNow(), FALLBACK_AFTER_MS);
  }

  #pollNow(): void {
    clearTimeout(this.#poll);
    if (this.#closed || this.#socket.connected) return;
    void this.sync().then((reached) => {
      if (this.#closed || this.#socket.connected) return;
      this.#set(reached ? 'polling' : 'offline');
      clearTimeout(this.#poll);
      this.#poll = setTimeout(() => this.#pollNow(), POLL_EVERY_MS);
    });
  }

  #set(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#hooks.state(state);
  }
}
