import type { Attachment } from '../pictures/attachment';

/** What the server says in a chat, and what a chat shows. Wire names are kept (snake_case). */

export type Sender = 'user' | 'bot' | 'agent' | 'system';

export interface QuickReply {
  title: string;
  payload: string;
}

export interface Source {
  id?: string | number;
  type?: string;
  title: string;
  url?: string | null;
  picture?: Attachment | null;
}

/** One stored message; `seq` counts 1, 2, 3 … within the conversation and decides its place. */
export interface ChatMessage {
  seq: number;
  sender: Sender;
  message: string;
  timestamp: string;
  message_id?: string | number;
  client_id?: string | null;
  agent_name?: string | null;
  intent?: string | null;
  quick_replies?: QuickReply[] | null;
  sources?: Source[] | null;
  /** Pictures; their message may be empty. */
  attachments?: Attachment[] | null;
  handled_by?: HandledBy | null;
}

export type HandledBy = 'bot' | 'human' | 'queue';

/** One history entry: as {@link ChatMessage}, but its id is called `id`. */
export type HistoryMessage = Omit<ChatMessage, 'message_id'> & { id: string | number };

export interface History extends Opening {
  messages: HistoryMessage[];
  last_seq: number;
  /** Who answers now. */
  handled_by: HandledBy;
  agent_name?: string | null;
}

/** Whether somebody of the team is there, and when next. */
export interface Opening {
  business_open: boolean;
  next_open: string | null;
}

export interface SessionStart extends Opening {
  session_id: string;
  /** Above the chat: the owner's title, else the company's name. */
  title: string;
  greeting: string;
  quick_replies: QuickReply[] | null;
  lang: string;
}

/** POST /chat: the answer, and `user_seq`, the place of the question. */
export interface ChatAnswer {
  response: string | null;
  session_id: string;
  message_id: string | number | null;
  seq: number | null;
  user_seq: number;
  agent_name?: string | null;
  intent?: string | null;
  quick_replies?: QuickReply[] | null;
  sources?: Source[] | null;
  handled_by: HandledBy;
  timestamp?: string;
}

/** What the server says to a picture; the assistant's reply is a message of its own. */
export interface PictureAnswer {
  message: HistoryMessage;
  reply: HistoryMessage | null;
  handled_by: HandledBy;
  agent_name?: string | null;
}

/** `bot_response` as Socket.IO delivers it; its text is called `response`. */
export type BotResponse = Omit<ChatMessage, 'message' | 'sender'> & { session_id: string; response: string };

/** `bot_response_delta`: whole sentences of an answer that is being written. */
export interface BotResponseDelta {
  session_id: string;
  /** Id of the visitor's message that is being answered. */
  message_id: number;
  delta: string;
}

/** What the acknowledgement of a sent message holds: a place, or why not. */
export type Ack =
  | { message_id: string | number; seq: number; handled_by: HandledBy; agent_name?: string | null }
  | { error: string; code: string; retry_after_s?: number };

export type ConnectionState = 'connecting' | 'online' | 'polling' | 'offline';
export type Level = 'info' | 'success' | 'warning' | 'error';
