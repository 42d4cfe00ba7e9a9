import { describe, expect, it } from 'vitest';
import { grown, outlived, type Draft } from '../src/chat/draft';
import type { ChatMessage } from '../src/chat/types';

const piece = (message_id: number, delta: string) => ({ session_id: 's', message_id, delta });
const message = (sender: ChatMessage['sender'], message_id: number): ChatMessage => ({ seq: message_id, sender, message: '', timestamp: '', message_id });
const draft: Draft = { answers: 5, text: 'Tak.' };

describe('an answer that is being written', () => {
  it('grows piece by piece and begins anew for another question', () => {
    const first = grown(null, piece(5, 'Tak.'), 5);
    expect(grown(first, piece(5, ' Chętnie.'), 5)).toEqual({ answers: 5, text: 'Tak. Chętnie.' });
    expect(grown(first, piece(7, 'Nie.'), 7)).toEqual({ answers: 7, text: 'Nie.' });
  });

  it('takes no piece for an older question', () => {
    expect(grown(draft, piece(3, 'Stare.'), 5)).toBe(draft);
    expect(grown(null, piece(3, 'Stare.'), 5)).toBeNull();
  });

  it('ends when anybody else speaks or the visitor goes on, and not with its own question', () => {
    expect(outlived(draft, [message('bot', 6)])).toBeNull();
    expect(outlived(draft, [message('agent', 6)])).toBeNull();
    expect(outlived(draft, [message('user', 6)])).toBeNull();
    expect(outlived(draft, [message('user', 5)])).toBe(draft);
    expect(outlived(draft, [{ ...message('user', 0), message_id: undefined }])).toBe(draft);
  });
});
