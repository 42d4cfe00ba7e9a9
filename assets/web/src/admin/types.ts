import type { HandledBy, HistoryMessage, Sender } from '../chat/types';

export interface User {
  id: number | string;
  username: string;
  email: string;
  /** The name visitors see. */
  display_name?: string;
  role: string;
  /** Signing in needs a code as well. */
  totp_enabled: boolean;
}

/** One conversation as the list shows it. */
export interface Conversation {
  id: number | string;
  session_id: string;
  status: 'open' | 'closed';
  handled_by: HandledBy;
  agent_id: number | string | null;
  agent_name: string | null;
  lang: string;
  last_message: string | null;
  last_sender: Sender | null;
  last_seq: number;
  rating: number | null;
  created_at: string;
  updated_at: string;
  /** Since when it waits for a person. */
  queued_at?: string | null;
  /** It waits longer than it should. */
  is_escalated: boolean;
}

export interface ConversationPage {
  conversations: Conversation[];
  page: number;
  per_page: number;
  total: number;
  pages: number;
}

export interface ConversationDetail {
  conversation: Conversation;
  messages: HistoryMessage[];
  notes: Note[];
}

/** What the team noted for itself. */
export interface Note {
  id: number;
  author_name: string;
  note: string;
  timestamp: string;
}

/** A reply the server offers. */
export interface Suggestion {
  kind: 'canned' | 'answer';
  title: string;
  text: string;
}

export interface TeamMember {
  id: number;
  display_name: string;
}

export type Filter = 'open' | 'queue' | 'human' | 'bot' | 'closed';
export const FILTERS: readonly Filter[] = ['open', 'queue', 'human', 'bot', 'closed'];

/** Somebody who left a way to be reached; the parts the list shows. */
export interface Lead {
  id: number;
  name: string;
  email: string | null;
  phone: string | null;
  interested_package: string | null;
  property_size: number | null;
  property_type: string | null;
  location: string | null;
  budget: number | null;
  message: string | null;
  additional_info: string | null;
  source: 'chat' | 'form' | 'quiz' | 'booking';
  status: 'new' | 'contacted' | 'qualified' | 'consultation_booked' | 'converted' | 'lost';
  score: number;
  consents: { purpose: string; given: boolean; given_at: string; text: string }[];
  created_at: string;
  updated_at: string;
}

export interface LeadPage {
  leads: Lead[];
  page: number;
  pages: number;
  total: number;
}
