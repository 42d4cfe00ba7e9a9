import type { HandledBy } from './types';

/** Who answers in this conversation now. */
export interface Speaker {
  by: HandledBy;
  agentName: string | null;
}

export const BOT: Speaker = { by: 'bot', agentName: null };

/** What the server says of it: with every live message, every answer and every look at the history. */
export interface SpeakerFields {
  handled_by?: HandledBy | null;
  agent_name?: string | null;
}

/** Follows the server; what says nothing about it (a message of the history) changes nothing. */
export function nextSpeaker(now: Speaker, said: SpeakerFields): Speaker {
  if (!said.handled_by) return now;
  return { by: said.handled_by, agentName: said.handled_by === 'human' ? (said.agent_name ?? null) : null };
}
