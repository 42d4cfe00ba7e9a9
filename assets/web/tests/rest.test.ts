import { describe, expect, it } from 'vitest';
import { charCount } from '../src/chat/limits';
import { rows } from '../src/chat/rows';
import { BOT, nextSpeaker } from '../src/chat/speaker';
import type { ChatMessage } from '../src/chat/types';
import { belongs, filterQuery, inOrder, isUnread, readAtFirst, withMessage } from '../src/admin/order';
import type { Conversation } from '../src/admin/types';
import { readContact, readPackages, readProcess } from '../src/home/knowledge';
import { uuid } from '../src/lib/uuid';
import { inline, parseMarkdown } from '../src/lib/markdown';

const message = (seq: number, more: Partial<ChatMessage> = {}): ChatMessage => ({ seq, sender: 'bot', message: `m${seq}`, timestamp: '', ...more });

describe('who answers', () => {
  const human = { by: 'human', agentName: 'Ola' } as const;

  it('is what the server says with a message, whoever wrote it', () => {
    expect(nextSpeaker(BOT, message(1, { sender: 'system', handled_by: 'human', agent_name: 'Ola' }))).toEqual(human);
    expect(nextSpeaker(human, message(2, { sender: 'system', handled_by: 'queue' }))).toEqual({ by: 'queue', agentName: null });
    expect(nextSpeaker(human, message(2, { handled_by: 'bot' }))).toEqual(BOT);
  });

  it('does not change by a message of the history, which says nothing about it', () => {
    expect(nextSpeaker(human, message(1, { intent: 'price' }))).toEqual(human);
    expect(nextSpeaker(BOT, message(1, { sender: 'agent', agent_name: 'Ola' }))).toEqual(BOT);
  });
});

describe('the lines of the conversation', () => {
  const pending = { client_id: 'c1', message: 'intent:price', title: 'Cennik', created_at: '' };

  it('show a message on its way by its title, once', () => {
    expect(rows([], [pending], null, 'online').map((r) => [r.text, r.state])).toEqual([['Cennik', 'sending']]);
    expect(rows([], [pending], null, 'offline')[0]?.state).toBe('queued');
    expect(rows([message(1, { sender: 'user', client_id: 'c1' })], [pending], null, 'online')).toHaveLength(1);
  });

  it('keep the same key when a message is stored, so that it does not jump', () => {
    const before = rows([], [pending], { greeting: 'Hej' }, 'online').map((r) => r.key);
    const after = rows([message(1, { sender: 'user', client_id: 'c1' })], [], { greeting: 'Hej' }, 'online').map((r) => r.key);
    expect(after).toEqual(before);
  });
});

describe('the inbox', () => {
  const conversation = (id: number, more: Partial<Conversation> = {}): Conversation => ({
    id, session_id: `s${id}`, status: 'open', handled_by: 'bot', agent_id: null, agent_name: null, lang: 'pl', last_message: '', last_sender: 'user',
    last_seq: 4, rating: null, is_escalated: false, created_at: '', updated_at: `2026-11-22T10:00:0${id}Z`, ...more,
  });

  it('has who waits first, the longest-waiting on top', () => {
    const list = [conversation(1), conversation(2, { handled_by: 'queue' }), conversation(3, { handled_by: 'queue' }), conversation(4)];
    expect(inOrder(list).map((c) => c.id)).toEqual([2, 3, 4, 1]);
  });

  it('counts as unread what a person has to see', () => {
    expect(isUnread(conversation(1), readAtFirst(conversation(1)))).toBe(false);
    const waiting = conversation(2, { handled_by: 'queue' });
    expect(isUnread(waiting, readAtFirst(waiting))).toBe(true);
    const answered = conversation(3, { handled_by: 'human', last_sender: 'agent' });
    expect(isUnread(answered, readAtFirst(answered))).toBe(false);
  });

  it('moves on by a new message and not by a repeat', () => {
    const c = conversation(1);
    expect(withMessage(c, message(4))).toBe(c);
    expect(withMessage(c, message(5)).last_message).toBe('m5');
  });

  it('filters as it asks the server', () => {
    expect(belongs(conversation(1, { handled_by: 'queue' }), 'queue')).toBe(true);
    expect(belongs(conversation(1, { status: 'closed' }), 'open')).toBe(false);
    expect(filterQuery('queue', ' ', 1)).toBe('status=open&page=1&handled_by=queue');
    expect(filterQuery('closed', 'a b', 2)).toBe('status=closed&page=2&q=a+b');
  });
});

describe('reading the knowledge', () => {
  it('takes fields of a document and those below `fields` alike', () => {
    const [p] = readPackages({ success: true, packages: [{ slug: 'standard', title: 'Standard', body: 'B', fields: { includes: ['a'], ideal_for: 'x' } }] });
    expect(p).toEqual({ slug: 'standard', title: 'Standard', body: 'B', includes: ['a'], idealFor: 'x' });
    expect(readProcess([{ name: 'Krok', description: 'D', duration: '1 dzień' }])[0]).toEqual({ title: 'Krok', body: 'D', duration: '1 dzień' });
  });

  it('leaves out what is missing', () => {
    expect(readContact({ contact: { phone: '+48 1' } })).toMatchObject({ phone: '+48 1', phoneHref: '+481', email: '', areas: '' });
    expect(readPackages(null)).toEqual([]);
  });
});

describe('Markdown', () => {
  it('knows headings, paragraphs and lists', () => {
    const blocks = parseMarkdown('# T\n\nEins\nzwei\n\n- a\n- b\n  weiter\n1. c\n### x');
    expect(blocks.map((b) => b.kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'heading']);
    expect(blocks[1]).toEqual({ kind: 'paragraph', content: [{ kind: 'text', text: 'Eins zwei' }] });
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'a' }], [{ text: 'b weiter' }]] });
  });

  it('keeps HTML as text and drops dangerous targets', () => {
    expect(inline('<script>x</script>')).toEqual([{ kind: 'text', text: '<script>x</script>' }]);
    expect(inline('[hier](javascript:x)')).toEqual([{ kind: 'text', text: 'hier' }]);
    expect(inline('**fett** [hier](https://a.pl)').map((i) => i.kind)).toEqual(['strong', 'text', 'link']);
  });
});

it('counts characters as the server does', () => {
  expect(charCount('zażółć 👩‍🔧')).toBe(7 + 3);
  expect(charCount('e\u0301')).toBe(1);
});

it('makes UUIDs also where randomUUID is missing', () => {
  const plain = { getRandomValues: crypto.getRandomValues.bind(crypto) };
  expect(uuid(plain)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuid(plain)).not.toBe(uuid(plain));
});
