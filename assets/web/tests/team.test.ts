import { describe, expect, it } from 'vitest';
import { matching, type Canned } from '../src/admin/canned/canned';
import { inOrder } from '../src/admin/order';
import { withNotes } from '../src/admin/timeline';
import type { Conversation } from '../src/admin/types';
import type { Row } from '../src/chat/rows';

const canned = (title: string, text: string | null, tags: string[] = []): Canned => ({ id: title.length, title, body: '', text, lang: 'pl', tags });

describe('the canned answer someone types for', () => {
  const all = [canned('Adres', 'Gdańsk, obok łaźni'), canned('Łazienka', 'Płytki w cenie', ['glazura']), canned('Zepsuta', null)];
  const titles = (words: string): string[] => matching(all, words).map((c) => c.title);

  it('is found without case and diacritics, by its title first', () => {
    expect(titles('laz')).toEqual(['Łazienka', 'Adres']);
  });
  it('holds every word, wherever it stands', () => {
    expect(titles('glazura plytki')).toEqual(['Łazienka']);
    expect(titles('glazura adres')).toEqual([]);
  });
  it('is never one that cannot be filled', () => {
    expect(titles('')).toEqual(['Adres', 'Łazienka']);
  });
});

describe('notes in a conversation', () => {
  const row = (key: string, timestamp: string, pending = false): Row => ({ key, sender: 'user', text: key, timestamp, agentName: null, sources: [], attachments: [], upload: null, state: 'sent', pending });
  const note = (id: number, timestamp: string) => ({ id, author_name: 'Ola', note: '', timestamp });

  it('stand where they were written, and before what is still on its way', () => {
    const rows = [row('a', '2026-11-22T10:00:00.000Z'), row('b', '2026-11-22T10:02:00.000Z'), row('c', '2026-11-22T10:03:00.000Z', true)];
    const lines = withNotes(rows, [note(1, '2026-11-22T10:01:00.000Z'), note(2, '2026-11-22T10:02:30.000Z')]);
    expect(lines.map((line) => line.key)).toEqual(['a', 'note1', 'b', 'note2', 'c']);
    expect(withNotes([], [note(1, '2026-11-22T10:01:00.000Z')])).toHaveLength(1);
  });
});

describe('the list of conversations', () => {
  it('has on top who waits too long, then who waits, then the rest', () => {
    const c = (id: number, more: Partial<Conversation>): Conversation => ({
      id, session_id: '', status: 'open', handled_by: 'queue', agent_id: null, agent_name: null, lang: 'pl', last_message: '', last_sender: 'user', last_seq: 1,
      rating: null, created_at: '', updated_at: '2026-11-22T10:00:00.000Z', queued_at: '2026-11-22T09:00:00.000Z', is_escalated: false, ...more,
    });
    const order = inOrder([c(1, { handled_by: 'bot' }), c(2, {}), c(3, { is_escalated: true, queued_at: '2026-11-22T09:30:00.000Z' })]);
    expect(order.map((one) => one.id)).toEqual([3, 2, 1]);
  });
});
