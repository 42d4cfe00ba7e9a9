import type { Outgoing } from './outbox';
import type { ChatMessage, ConnectionState, Sender, SessionStart, Source } from './types';

/** One line of the conversation as it is shown. */
export interface Row {
  /** The client's own id while it has one, so that a message keeps its place on the page when it is stored. */
  key: string;
  sender: Sender;
  text: string;
  timestamp: string;
  agentName: string | null;
  sources: Source[];
  state: 'sent' | 'sending' | 'queued' | 'failed';
  pending: boolean;
}

/** The greeting (which is not stored and has no seq), the stored messages in order, then what is on its way. */
export function rows(
  messages: readonly ChatMessage[],
  pending: readonly Outgoing[],
  start: Pick<SessionStart, 'greeting'> | null,
  connection: ConnectionState,
): Row[] {
  const list: Row[] = [];
  if (start?.greeting) list.push(row('greeting', 'bot', start.greeting, ''));
  const stored = new Set<string>();
  for (const m of messages) {
    if (m.client_id) stored.add(m.client_id);
    list.push({ ...row(m.client_id ?? `s${m.seq}`, m.sender, m.message, m.timestamp), agentName: m.agent_name ?? null, sources: m.sources ?? [] });
  }
  for (const item of pending) {
    if (stored.has(item.client_id)) continue;
    const up = connection === 'online' || connection === 'polling';
    const state = item.failed ? 'failed' : up ? 'sending' : 'queued';
    list.push({ ...row(item.client_id, 'user', item.title ?? item.message, item.created_at), state, pending: true });
  }
  return list;
}

/** An answer that is being written. */
export function draftRow(text: string): Row {
  return row('draft', 'bot', text, '');
}

function row(key: string, sender: Sender, text: string, timestamp: string): Row {
  return { key, sender, text, timestamp, agentName: null, sources: [], state: 'sent', pending: false };
}
