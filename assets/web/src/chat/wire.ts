import { api } from '../lib/api';
import type { Post } from '../pictures/queue.svelte';
import type { BotResponse, ChatAnswer, ChatMessage, History, HistoryMessage, PictureAnswer, SessionStart } from './types';
import type { Outgoing } from './outbox';

/** The chat's HTTP calls, and the one shape every message is brought into. */

/** A language model may take 15 s for its answer. */
const ANSWER_WITHIN_MS = 30_000;

export function fromHistory({ id, ...rest }: HistoryMessage): ChatMessage {
  return { ...rest, message_id: id };
}

export function fromBotResponse({ response, session_id: _, ...rest }: BotResponse): ChatMessage {
  return { ...rest, sender: 'bot', message: response };
}

/** Question and answer of one POST /chat as two placed messages. */
export function fromChatAnswer(item: Outgoing, answer: ChatAnswer): ChatMessage[] {
  const timestamp = answer.timestamp ?? new Date().toISOString();
  const { handled_by, agent_name } = answer;
  const own: ChatMessage = { ...placed(item, answer.user_seq), handled_by, agent_name };
  if (answer.seq === null || answer.seq === undefined || !answer.response || answer.seq === answer.user_seq) return [own];
  const { response, seq, message_id, intent, quick_replies, sources } = answer;
  // While a person answers or is waited for, the text is a notice of the house, not the assistant talking.
  const sender = handled_by === 'bot' ? 'bot' : 'system';
  return [own, { seq, sender, message: response, timestamp, intent, quick_replies, sources, handled_by, agent_name, message_id: message_id ?? undefined }];
}

/** An own message that now has its place in the conversation. */
export function placed(item: Outgoing, seq: number): ChatMessage {
  return { seq, sender: 'user', message: item.title ?? item.message, timestamp: item.created_at, client_id: item.client_id };
}

export function openSession(lang: string): Promise<SessionStart> {
  return api('/api/chatbot/sessions', { body: { lang, page_url: location.href.split('#')[0], referrer: document.referrer || null } });
}

export async function history(sessionId: string, since: number): Promise<{ messages: ChatMessage[]; lastSeq: number; raw: History }> {
  const raw = await api<History>(`/api/chatbot/history/${encodeURIComponent(sessionId)}?since=${since}`);
  return { messages: raw.messages.map(fromHistory), lastSeq: raw.last_seq, raw };
}

/** Without a `lang`: that would fix the answer's language, and it shall follow the question (the page's language is a hint). */
export function postMessage(sessionId: string, item: Outgoing): Promise<ChatAnswer> {
  const { message, client_id } = item;
  return api('/api/chatbot/chat', { body: { message, session_id: sessionId, client_id }, timeoutMs: ANSWER_WITHIN_MS });
}

export function postPicture(session_id: string, client_id: string, post: Post): Promise<PictureAnswer> {
  return post('/api/chatbot/attachments', { session_id, client_id });
}

export function askForPerson(sessionId: string): Promise<{ handled_by: 'queue' | 'human'; business_open: boolean; next_open: string | null }> {
  return api('/api/chatbot/handoff', { body: { session_id: sessionId } });
}

export function rate(sessionId: string, rating: number, comment: string): Promise<unknown> {
  return api('/api/chatbot/rate', { body: { session_id: sessionId, rating, ...(comment ? { comment } : {}) } });
}

export function deleteData(sessionId: string): Promise<unknown> {
  return api('/api/chatbot/delete-my-data', { method: 'DELETE', body: { session_id: sessionId } });
}

export function exportData(sessionId: string): Promise<unknown> {
  return api(`/api/chatbot/export-data/${encodeURIComponent(sessionId)}`);
}
