import type { ChatMessage, HandledBy } from './types';

/** Who answers in this conversation now, as far as the visitor can know it. */
export interface Speaker {
  by: HandledBy;
  agentName: string | null;
}

export const BOT: Speaker = { by: 'bot', agentName: null };

/**
 * Follows the conversation: what the server says (`handled_by`) counts; without it, an agent's message
 * means a person answers, and a bot's that the assistant does, but for the words that announce a person (they
 * carry the intent `human_handoff`, or neither an intent nor buttons). Notices (`system`) change nothing by themselves.
 */
export function nextSpeaker(now: Speaker, message: ChatMessage): Speaker {
  const name = message.agent_name ?? now.agentName;
  if (message.handled_by) return message.handled_by === 'human' ? { by: 'human', agentName: name } : { by: message.handled_by, agentName: null };
  if (message.sender === 'agent') return { by: 'human', agentName: name };
  const announcesPerson = message.intent === 'human_handoff' || (!message.intent && !message.quick_replies?.length);
  if (message.sender === 'bot' && !announcesPerson) return BOT;
  if (message.sender === 'bot' && message.intent === 'human_handoff') return { by: 'queue', agentName: null };
  return now;
}
