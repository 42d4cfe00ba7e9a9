import type { BotResponseDelta, ChatMessage } from './types';

/** An answer while it is being written: shown as it grows, then replaced by the stored message. */
export interface Draft {
  /** Id of the visitor's message it answers. */
  readonly answers: number;
  readonly text: string;
}

/** The draft with one more piece; a piece for an older message than the newest is none of ours any more. */
export function grown(draft: Draft | null, piece: BotResponseDelta, newestOwn: number): Draft | null {
  if (piece.message_id < newestOwn) return draft;
  const before = draft?.answers === piece.message_id ? draft.text : '';
  return { answers: piece.message_id, text: before + piece.delta };
}

/** What is left of the draft when these messages have come: nothing once anybody else spoke or the visitor went on. */
export function outlived(draft: Draft | null, incoming: readonly ChatMessage[]): Draft | null {
  const isOver = incoming.some((m) => m.sender !== 'user' || (draft !== null && idOf(m) > draft.answers));
  return isOver ? null : draft;
}

/** A stored message's number; 0 while it is not known. */
export function idOf(message: ChatMessage): number {
  return Number(message.message_id ?? 0) || 0;
}
