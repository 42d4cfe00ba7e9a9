import type { Attachment } from '../pictures/attachment';
import type { Upload } from '../pictures/queue.svelte';
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
  attachments: readonly Attachment[];
  /** A picture on its way. */
  upload: Upload | null;
  state: 'sent' | 'sending' | 'queued' | 'failed';
  pending: boolean;
}

/** The greeting (which is not stored and has no seq), the stored messages in order, then what is on its way. */
export function rows(
  messages: readonly ChatMessage[],
  pending: readonly Outgoing[],
  start: Pick<SessionStart, 'greeting'> | null,
  connection: ConnectionState,
  uploads: readonly Upload[] = [],
): Row[] {
  const list: Row[] = [];
  if (start?.greeting) list.push(row('greeting', 'bot', start.greeting, ''));
  const stored = new Set<string>();
  for (const m of messages) {
    if (m.client_id) stored.add(m.client_id);
    const { agent_name, sources, attachments } = m;
    const line = row(m.client_id ?? `s${m.seq}`, m.sender, m.message, m.timestamp);
    list.push({ ...line, agentName: agent_name ?? null, sources: sources ?? [], attachments: attachments ?? [] });
  }
  const leaving: Row[] = [];
  for (const item of pending) {
    const up = connection === 'online' || connection === 'polling';
    const state = item.failed ? 'failed' : up ? 'sending' : 'queued';
    leaving.push({ ...row(item.client_id, 'user', item.title ?? item.message, item.created_at), state, pending: true });
  }
  for (const upload of uploads) {
    const state = upload.problem ? 'failed' : 'sending';
    leaving.push({ ...row(upload.client_id, 'user', '', upload.created_at), state, pending: true, upload });
  }
  leaving.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
  return [...list, ...leaving.filter(({ key }) => !stored.has(key))];
}

/** An answer that is being written. */
export function draftRow(text: string): Row {
  return row('draft', 'bot', text, '');
}

function row(key: string, sender: Sender, text: string, timestamp: string): Row {
  return { key, sender, text, timestamp, agentName: null, sources: [], attachments: [], upload: null, state: 'sent', pending: false };
}
