import type { ChatMessage } from './types';

/**
 * The messages of one conversation in their order, and how far nothing is missing.
 * Values are never changed in place, so that a page sees every change as a new value.
 */
export interface Log {
  readonly messages: readonly ChatMessage[];
  /** Every message up to this seq is here (or is known not to be for us): what a reconnect says as `last_seq`. */
  readonly known: number;
}

export const EMPTY_LOG: Log = { messages: [], known: 0 };

/** Later facts fill in what an earlier copy lacked; an absent or empty field never wipes one out. */
function enrich(old: ChatMessage, copy: ChatMessage): ChatMessage {
  const filled = Object.entries(copy).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return { ...old, ...Object.fromEntries(filled) };
}

/**
 * Places messages by their seq. A repeat of a seq is one message, whichever event or transport
 * brought it; messages without a usable seq are not stored ones and are left out.
 */
export function merge(log: Log, incoming: readonly ChatMessage[]): Log {
  const bySeq = new Map(log.messages.map((m) => [m.seq, m]));
  for (const message of incoming) {
    if (!Number.isSafeInteger(message.seq) || message.seq < 1) continue;
    const old = bySeq.get(message.seq);
    bySeq.set(message.seq, old ? enrich(old, message) : message);
  }
  const messages = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  let known = log.known;
  while (bySeq.has(known + 1)) known += 1;
  return { messages, known };
}

/** Something between what we have in one piece and the newest message is missing: ask for the history. */
export function hasGap(log: Log): boolean {
  const last = log.messages.at(-1);
  return last !== undefined && last.seq > log.known;
}

/**
 * The history since `log.known` is merged and ends at `lastSeq`: what is still missing below it does
 * not exist for us, so nobody needs to ask for it again.
 */
export function caughtUp(log: Log, lastSeq: number): Log {
  return lastSeq > log.known ? merge({ ...log, known: lastSeq }, []) : log;
}
