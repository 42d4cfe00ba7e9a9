import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox, type Outgoing, type OutboxStore } from '../src/chat/outbox';

const item = (client_id: string, created_at = '2026-11-22T10:00:00Z'): Outgoing => ({ client_id, message: client_id, created_at });

class Memory implements OutboxStore {
  readonly kept = new Map<string, Outgoing>();
  load = (): Outgoing[] => [...this.kept.values()];
  save = (one: Outgoing): void => void this.kept.set(one.client_id, one);
  remove = (clientId: string): void => void this.kept.delete(clientId);
}

describe('the outgoing queue', () => {
  let memory: Memory;
  let shown: readonly Outgoing[];
  let outbox: Outbox;

  beforeEach(() => {
    memory = new Memory();
    shown = [];
    outbox = new Outbox(memory, (items) => (shown = items));
  });

  it('hands out the oldest first, and again until it is removed', () => {
    outbox.add(item('a'));
    outbox.add(item('b'));
    expect(outbox.next()?.client_id).toBe('a');
    expect(outbox.next()?.client_id).toBe('a');
    outbox.remove('a');
    expect(outbox.next()?.client_id).toBe('b');
  });

  it('keeps a message in storage until the server has it', () => {
    outbox.add(item('a'));
    expect([...memory.kept.keys()]).toEqual(['a']);
    outbox.remove('a');
    expect(memory.kept.size).toBe(0);
    expect(shown).toEqual([]);
  });

  it('survives a reload in the order of writing, with the same client_id', () => {
    memory.save(item('late', '2026-11-22T10:00:02Z'));
    memory.save(item('early', '2026-11-22T10:00:01Z'));
    const again = new Outbox(memory, () => {});
    expect(again.items.map((i) => i.client_id)).toEqual(['early', 'late']);
  });

  it('lets a refused message step aside, and sends it again under its own client_id', () => {
    outbox.add(item('bad'));
    outbox.add(item('good'));
    outbox.fail('bad');
    expect(outbox.next()?.client_id).toBe('good');
    outbox.retry('bad');
    expect(outbox.next()?.client_id).toBe('bad');
    expect(memory.kept.get('bad')?.failed).toBe(false);
  });

  it('tells the page only about changes', () => {
    let calls = 0;
    const quiet = new Outbox(memory, () => (calls += 1));
    quiet.remove('nobody');
    expect(calls).toBe(0);
  });

  it('forgets everything when the visitor deletes the conversation', () => {
    outbox.add(item('a'));
    outbox.add(item('b'));
    outbox.clear();
    expect(memory.kept.size).toBe(0);
    expect(outbox.next()).toBeUndefined();
  });
});
