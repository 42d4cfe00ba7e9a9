import type { ChatMessage } from '../chat/types';
import type { Conversation, Filter, Lead } from './types';

/** Who waits for a person comes first, too long and longest on top; all others by their latest word. */
export function inOrder(conversations: readonly Conversation[]): Conversation[] {
  const waiting = (c: Conversation): boolean => c.status === 'open' && c.handled_by === 'queue';
  const since = (c: Conversation): string => c.queued_at ?? c.updated_at;
  return [...conversations].sort((a, b) => {
    if (waiting(a) !== waiting(b)) return waiting(a) ? -1 : 1;
    if (waiting(a) && a.is_escalated !== b.is_escalated) return a.is_escalated ? -1 : 1;
    return waiting(a) ? since(a).localeCompare(since(b)) : b.updated_at.localeCompare(a.updated_at);
  });
}

export function belongs(conversation: Conversation, filter: Filter): boolean {
  if (filter === 'closed' || conversation.status === 'closed') return (filter === 'closed') === (conversation.status === 'closed');
  return filter === 'open' || conversation.handled_by === filter;
}

export function filterQuery(filter: Filter, q: string, page: number): string {
  const query = new URLSearchParams({ status: filter === 'closed' ? 'closed' : 'open', page: String(page) });
  if (filter === 'queue' || filter === 'human' || filter === 'bot') query.set('handled_by', filter);
  if (q.trim()) query.set('q', q.trim());
  return query.toString();
}

/**
 * How far a conversation counts as read when it is first seen here: what the assistant answered by itself
 * needs nobody; where a visitor has the last word with a person, somebody has to look.
 */
export function readAtFirst(c: Conversation): number {
  const needsSomeone = c.status === 'open' && c.handled_by !== 'bot' && c.last_sender === 'user';
  return needsSomeone || (c.status === 'open' && c.handled_by === 'queue') ? 0 : c.last_seq;
}

export function isUnread(c: Conversation, seen: number): boolean {
  return c.last_seq > seen && c.last_sender !== 'agent';
}

/** A message that arrives live moves its conversation on; one already counted changes nothing. */
export function withMessage(c: Conversation, m: Pick<ChatMessage, 'seq' | 'sender' | 'message' | 'timestamp' | 'attachments'>): Conversation {
  if (m.seq <= c.last_seq) return c;
  return { ...c, last_seq: m.seq, last_sender: m.sender, last_message: m.message || pictureLine(m), updated_at: m.timestamp || c.updated_at };
}

/** A picture without words, as the server's list puts it. */
const pictureLine = ({ attachments }: Pick<ChatMessage, 'attachments'>): string => (attachments?.[0] ? `📷 ${attachments[0].filename}` : '');

/** Newest first, as the server lists them. */
export function newestFirst(leads: readonly Lead[]): Lead[] {
  return leads.toSorted((a, b) => b.created_at.localeCompare(a.created_at) || b.id - a.id);
}
