import { describe, expect, it } from 'vitest';
import { caughtUp, EMPTY_LOG, hasGap, merge } from '../src/chat/log';
import type { ChatMessage } from '../src/chat/types';

const message = (seq: number, more: Partial<ChatMessage> = {}): ChatMessage => ({
  seq,
  sender: 'user',
  message: `m${seq}`,
  timestamp: '2026-11-22T10:00:00Z',
  ...more,
});
const seqs = (log: { messages: readonly ChatMessage[] }): number[] => log.messages.map((m) => m.seq);

describe('merging messages by seq', () => {
  it('puts them in their order, however they arrive', () => {
    expect(seqs(merge(EMPTY_LOG, [message(3), message(1), message(2)]))).toEqual([1, 2, 3]);
  });

  it('keeps one message for a repeated seq', () => {
    const once = merge(EMPTY_LOG, [message(1), message(2, { sender: 'bot' })]);
    expect(seqs(merge(once, [message(2, { sender: 'bot' }), message(1)]))).toEqual([1, 2]);
  });

  it('fills in what an earlier copy lacked and wipes nothing out', () => {
    const first = merge(EMPTY_LOG, [message(1, { sender: 'bot', quick_replies: [{ title: 'Cennik', payload: 'intent:price' }] })]);
    const both = merge(first, [message(1, { sender: 'bot', quick_replies: null, sources: [{ title: 'Standard' }] })]);
    expect(both.messages[0]?.quick_replies).toHaveLength(1);
    expect(both.messages[0]?.sources).toHaveLength(1);
  });

  it('takes the stored text over the one shown while sending', () => {
    const own = merge(EMPTY_LOG, [message(1, { message: 'intent:price' })]);
    expect(merge(own, [message(1, { message: 'Cennik' })]).messages[0]?.message).toBe('Cennik');
  });

  it('ignores what has no usable seq', () => {
    const bad = [0, -1, 1.5, Number.NaN, undefined as unknown as number].map((seq) => message(seq));
    expect(merge(EMPTY_LOG, bad).messages).toEqual([]);
  });

  it('leaves the old log as it was', () => {
    const old = merge(EMPTY_LOG, [message(1)]);
    merge(old, [message(2)]);
    expect(seqs(old)).toEqual([1]);
  });
});

describe('knowing how far nothing is missing', () => {
  it('counts only what is in one piece', () => {
    const log = merge(EMPTY_LOG, [message(1), message(2), message(4)]);
    expect(log.known).toBe(2);
    expect(hasGap(log)).toBe(true);
  });

  it('closes the gap when the missing one comes', () => {
    const log = merge(merge(EMPTY_LOG, [message(1), message(3)]), [message(2)]);
    expect(log.known).toBe(3);
    expect(hasGap(log)).toBe(false);
  });

  it('does not ask for ever for a seq that is not for the visitor', () => {
    const log = caughtUp(merge(EMPTY_LOG, [message(1), message(3)]), 3);
    expect(hasGap(log)).toBe(false);
    expect(log.known).toBe(3);
  });

  it('goes on in one piece after a hole that was settled', () => {
    const log = caughtUp(merge(EMPTY_LOG, [message(1), message(3), message(4)]), 3);
    expect(log.known).toBe(4);
  });

  it('never goes back', () => {
    expect(caughtUp(merge(EMPTY_LOG, [message(1), message(2)]), 1).known).toBe(2);
  });

  it('is the same in whatever order ten messages arrive, some of them twice', () => {
    const all = Array.from({ length: 10 }, (_, i) => message(i + 1));
    for (let turn = 0; turn < 50; turn += 1) {
      const shuffled = [...all, ...all.slice(0, 4)].sort((a, b) => ((a.seq * 7 + turn) % 11) - ((b.seq * 7 + turn) % 11));
      const log = shuffled.reduce((now, m) => merge(now, [m]), EMPTY_LOG);
      expect(seqs(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(log.known).toBe(10);
    }
  });
});
