import { randomUUID } from 'node:crypto';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { expect, test as base } from '@playwright/test';
import { TestServer } from './support/server';

/** The official JavaScript client against the server, without a browser. */
type Speaker = { handled_by: string; agent_name?: string };
type Message = Speaker & { session_id: string; conversation_id: number; seq: number; sender: string; message: string; timestamp: string; client_id?: string };
type Ack = Speaker & { message_id: string; seq: number };
type Connect = (options?: Partial<ManagerOptions & SocketOptions>, url?: string) => Promise<Client>;

const OWNER_KEY = 'browser-tests-owner-key-0123456789';

/** A connected socket that remembers what it got, so that no test can miss an event by listening too late. */
class Client {
  readonly got: { event: string; payload: unknown }[] = [];

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, ...payload: unknown[]) => this.got.push({ event, payload: payload[0] }));
  }

  all<T>(event: string): T[] {
    return this.got.filter((g) => g.event === event).map((g) => g.payload as T);
  }

  async next<T>(event: string, fits: (payload: T) => boolean = () => true): Promise<T> {
    await expect.poll(() => this.all<T>(event).some(fits), { message: `${event} arrives`, intervals: [20, 50, 100] }).toBe(true);
    return this.all<T>(event).find(fits) as T;
  }

  ask(session_id: string, message: string, client_id = randomUUID(), lang = 'pl'): Promise<Ack> {
    return this.socket.timeout(8_000).emitWithAck('chat_message', { session_id, message, client_id, lang }) as Promise<Ack>;
  }
}

const test = base.extend<{ connect: Connect; session: string }, { server: TestServer }>({
  server: [
    async ({}, use) => {
      const server = await TestServer.start({ ADMIN_API_KEY: OWNER_KEY });
      await use(server);
      await server.dispose();
    },
    { scope: 'worker' },
  ],
  session: async ({ server, request }, use) => {
    const answer = await request.post(`${server.url}/api/chatbot/sessions`, { data: { lang: 'pl' } });
    await use(((await answer.json()) as { session_id: string }).session_id);
  },
  connect: async ({ server }, use) => {
    const clients: Client[] = [];
    await use(async (options = {}, url = server.url) => {
      const client = new Client(io(url, { path: '/socket.io', forceNew: true, reconnection: false, ...options }));
      clients.push(client);
      await new Promise<void>((resolve, reject) => client.socket.once('connect', resolve).once('connect_error', reject));
      return client;
    });
    for (const { socket } of clients) socket.disconnect();
  },
});

for (const [name, transports, ends] of [
  ['polling only', ['polling'], 'polling'],
  ['websocket only', ['websocket'], 'websocket'],
  ['upgrade from polling to websocket', ['polling', 'websocket'], 'websocket'],
] as const) {
  test(`${name}: handshake, acknowledgement, answer`, async ({ connect, session }) => {
    const client = await connect({ transports: [...transports], auth: { session_id: session } });
    const connected = await client.next<{ sid: string; timestamp: string; session_id: string; last_seq: number; message: string }>('connected');
    expect(connected).toMatchObject({ session_id: session, last_seq: 0, message: expect.any(String) });
    expect(connected.sid).toBeTruthy();
    expect(Date.parse(connected.timestamp)).not.toBeNaN();
    await expect.poll(() => client.socket.io.engine.transport.name).toBe(ends);

    const client_id = randomUUID();
    const ack = await client.ask(session, 'Ile kosztuje wykończenie mieszkania?', client_id);
    expect(ack).toMatchObject({ seq: 1, message_id: expect.anything() });
    const received = await client.next<Record<string, unknown>>('message_received');
    expect(received).toMatchObject({ session_id: session, status: 'received', seq: 1, client_id });

    const answer = await client.next<Record<string, unknown>>('bot_response');
    expect(answer).toMatchObject({ session_id: session, seq: 2, response: expect.stringContaining('zł/m²'), intent: expect.any(String) });
    expect(answer).toHaveProperty('quick_replies');
    expect(answer).toHaveProperty('sources');
    const same = await client.next<Message>('chat_message', (m) => m.seq === 2);
    expect(same).toMatchObject({ sender: 'bot', session_id: session, message: answer.response });
    expect(await client.next<Message>('chat_message', (m) => m.seq === 1)).toMatchObject({ sender: 'user', client_id });
  });
}

test('a message sent twice under one client_id is stored once', async ({ connect, session }) => {
  const client = await connect({ auth: { session_id: session } });
  const id = randomUUID();
  const first = await client.ask(session, 'Jaka jest gwarancja?', id);
  const again = await client.ask(session, 'Jaka jest gwarancja?', id);
  expect(again.seq).toBe(first.seq);
  const next = await client.ask(session, 'Gdzie pracujecie?');
  await client.next<{ seq: number }>('bot_response', (m) => m.seq > next.seq);
  const own = client.all<Message>('chat_message').filter((m) => m.sender === 'user');
  expect(new Set(own.map((m) => m.seq)).size).toBe(2);
});

test('who comes back with last_seq gets what was missed, in order', async ({ connect, session }) => {
  const first = await connect({ auth: { session_id: session } });
  for (const question of ['Ile to kosztuje?', 'Jaka jest gwarancja?', 'Gdzie pracujecie?']) {
    const { seq } = await first.ask(session, question);
    await first.next<{ seq: number }>('bot_response', (m) => m.seq > seq);
  }
  first.socket.disconnect();
  const back = await connect({ auth: { session_id: session, last_seq: 2 } });
  expect(await back.next<{ last_seq: number }>('connected')).toMatchObject({ last_seq: 6 });
  await back.next<Message>('chat_message', (m) => m.seq === 6);
  expect(back.all<Message>('chat_message').map((m) => m.seq)).toEqual([3, 4, 5, 6]);
  expect(back.got[0]?.event).toBe('connected');
});

test('two clients of one session get the same messages', async ({ connect, session }) => {
  const one = await connect({ auth: { session_id: session }, transports: ['websocket'] });
  const two = await connect({ auth: { session_id: session }, transports: ['polling'] });
  await one.ask(session, 'Ile to kosztuje?');
  const at = await two.next<Message>('chat_message', (m) => m.sender === 'bot');
  expect(await one.next<Message>('chat_message', (m) => m.sender === 'bot')).toEqual(at);
  expect(await two.next<{ seq: number }>('bot_response')).toMatchObject({ seq: at.seq });
});

test('whoever holds a session may join its room later, and leave it', async ({ connect, session }) => {
  const asks = await connect({ auth: { session_id: session } });
  const other = await connect();
  other.socket.emit('join', { room: session });
  expect(await other.next<{ room: string }>('joined')).toMatchObject({ room: session });
  await asks.ask(session, 'Ile to kosztuje?');
  await other.next<Message>('chat_message', (m) => m.sender === 'bot');
  other.socket.emit('leave', { room: session });
  await other.next<{ room: string }>('left');
  const before = other.all('chat_message').length;
  const { seq } = await asks.ask(session, 'Jaka jest gwarancja?');
  await asks.next<Message>('chat_message', (m) => m.seq === seq + 1);
  other.socket.emit('ping', {});
  await other.next('pong');
  expect(other.all('chat_message')).toHaveLength(before);
});

test('the team’s room is closed to visitors', async ({ connect, session }) => {
  const client = await connect({ auth: { session_id: session } });
  client.socket.emit('join', { room: 'admin' });
  expect(await client.next<{ code: string }>('error_message')).toMatchObject({ code: 'forbidden', error: expect.any(String) });
  expect(client.all('joined')).toEqual([]);
});

test('a guessed session reads nothing', async ({ connect }) => {
  const client = await connect();
  client.socket.emit('join', { room: 'abc123' });
  expect(await client.next<{ code: string }>('error_message')).toMatchObject({ code: expect.stringMatching(/weak_session_id|forbidden/) });
  expect(client.all('joined')).toEqual([]);
});

test('ping is answered with pong', async ({ connect }) => {
  const client = await connect();
  client.socket.emit('ping', { timestamp: new Date().toISOString() });
  expect(await client.next<{ timestamp: unknown }>('pong')).toHaveProperty('timestamp');
});

test('typing does not come back to a visitor, and an unknown event does no harm', async ({ connect, session }) => {
  const client = await connect({ auth: { session_id: session } });
  const other = await connect({ auth: { session_id: session } });
  client.socket.emit('typing', { session_id: session, is_typing: true });
  client.socket.emit('no_such_event', { a: 1 });
  await client.ask(session, 'Ile to kosztuje?');
  await other.next<Message>('chat_message', (m) => m.sender === 'bot');
  expect(other.all('agent_typing')).toEqual([]);
  expect(other.all('user_typing')).toEqual([]);
  expect(client.socket.connected).toBe(true);
});

for (const [name, payload] of [
  ['no object', 'hello'],
  ['nothing', undefined],
  ['an array', [1, 2]],
  ['no message', { session_id: 'SESSION' }],
  ['an empty message', { session_id: 'SESSION', message: '  ' }],
  ['a number as message', { session_id: 'SESSION', message: 7 }],
  ['a message that is too long', { session_id: 'SESSION', message: 'x'.repeat(2_001) }],
  ['a client_id that is none', { session_id: 'SESSION', message: 'Hej', client_id: 'not-a-uuid' }],
] as const) {
  test(`a malformed message (${name}) is refused in words, and the line stays`, async ({ connect, session }) => {
    const client = await connect({ auth: { session_id: session } });
    const filled = payload !== null && typeof payload === 'object' && 'session_id' in payload ? { ...payload, session_id: session } : payload;
    client.socket.emit('chat_message', filled);
    expect(await client.next<{ code: string; error: string }>('error_message')).toMatchObject({ code: expect.any(String), error: expect.any(String) });
    expect(await client.ask(session, 'Ile to kosztuje?')).toMatchObject({ seq: 1 });
  });
}

test('an agent sees conversations live, and only typing of visitors', async ({ connect, request, server, session }) => {
  const token = new URL(server.setupLink).hash.replace('#setup=', '');
  const account = { username: 'ola', email: 'ola@example.com', password: 'a long enough passphrase' };
  const made = await request.post(`${server.url}/api/auth/setup`, { data: { token, ...account }, headers: { origin: server.url } });
  expect(made.ok()).toBe(true);
  const cookies = (await request.storageState()).cookies.map((c) => `${c.name}=${c.value}`).join('; ');

  const agent = await connect({ extraHeaders: { cookie: cookies, origin: server.url } });
  agent.socket.emit('join', { room: 'admin' });
  expect(await agent.next<{ room: string }>('joined')).toMatchObject({ room: 'admin' });
  const visitor = await connect({ auth: { session_id: session } });
  await visitor.ask(session, 'Ile to kosztuje?');
  await agent.next<Message>('chat_message', (m) => m.session_id === session && m.sender === 'user');
  type Updated = { handled_by: string; conversation: { session_id: string; handled_by: string }; timestamp: string };
  const updateTo = (who: string) =>
    agent.next<Updated>('conversation_updated', (u) => u.conversation.session_id === session && u.handled_by === who);
  expect((await updateTo('bot')).conversation.handled_by).toBe('bot');
  // Not by `request`: that one is signed in by now.
  const handoff = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ session_id: session }) };
  expect((await fetch(`${server.url}/api/chatbot/handoff`, handoff)).ok).toBe(true);
  const updated = await updateTo('queue');
  expect(updated.conversation.handled_by).toBe('queue');
  expect(Date.parse(updated.timestamp)).not.toBeNaN();
  visitor.socket.emit('typing', { session_id: session, is_typing: true });
  expect(await agent.next('user_typing')).toMatchObject({ session_id: session, is_typing: true });
  agent.socket.emit('typing', { session_id: session, is_typing: true });
  expect(await visitor.next('agent_typing')).toMatchObject({ session_id: session, is_typing: true });

  const leave = (more: object) => {
    const body = JSON.stringify({ name: 'Anna', email: 'anna@example.com', ...more });
    return fetch(`${server.url}/api/leads`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  type LeadEvent = { name: string; location: string | null; lead: { name: string; location: string | null }; timestamp: string };
  expect((await leave({})).status).toBe(201);
  expect(await agent.next<LeadEvent>('new_lead')).toMatchObject({ name: 'Anna', lead: { name: 'Anna', location: null } });
  expect((await leave({ location: 'Sopot' })).status).toBe(201);
  const joined = await agent.next<LeadEvent>('lead_updated');
  expect(joined).toMatchObject({ location: 'Sopot', lead: { location: 'Sopot' } });
  expect(Date.parse(joined.timestamp)).not.toBeNaN();
  expect(visitor.got.filter((g) => g.event.includes('lead'))).toEqual([]);
});

test('every message says who answers: taken over, asked, resumed, handed back, answered by a program', async ({ connect, server, session }) => {
  const team = async (path: string, body: object): Promise<{ id: number }> => {
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': OWNER_KEY }, body: JSON.stringify(body) });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return (await answer.json()) as { id: number };
  };
  const member = await team('/api/users', { username: 'jan', email: 'jan@example.com', password: 'a long enough passphrase', role: 'agent', display_name: 'Jan' });
  const visitor = await connect({ auth: { session_id: session } });
  const bot = { handled_by: 'bot', agent_name: undefined };
  const jan = { handled_by: 'human', agent_name: 'Jan' };
  const speaker = ({ handled_by, agent_name }: Speaker) => ({ handled_by, agent_name });

  expect(speaker(await visitor.ask(session, 'Ile to kosztuje?'))).toEqual(bot);
  const first = await visitor.next<Message>('chat_message', (m) => m.seq === 2);
  expect(speaker(first)).toEqual(bot);
  expect(speaker(await visitor.next<Message>('bot_response'))).toEqual(bot);

  const conversation = `/api/conversations/${first.conversation_id}`;
  await team(`${conversation}/assign`, { agent_id: member.id });
  expect(speaker(await visitor.next<Message>('chat_message', (m) => m.sender === 'system'))).toEqual(jan);
  expect(speaker(await visitor.ask(session, 'Halo?'))).toEqual(jan);
  expect(speaker(await visitor.next<Message>('chat_message', (m) => m.seq === 4))).toEqual(jan);

  const late = await connect({ auth: { session_id: session, last_seq: 1 } });
  await late.next<Message>('chat_message', (m) => m.seq === 4);
  expect(late.all<Message>('chat_message').map(speaker)).toEqual([jan, jan, jan]);

  await team(`${conversation}/handback`, {});
  expect(speaker(await visitor.next<Message>('chat_message', (m) => m.seq === 5))).toEqual(bot);
  await team(`${conversation}/messages`, { message: 'Dzień dobry' });
  const answer = await visitor.next<Message>('chat_message', (m) => m.sender === 'agent');
  const announced = await visitor.next<Message>('chat_message', (m) => m.seq === answer.seq - 1);
  expect(answer).toMatchObject({ handled_by: 'human', agent_name: expect.any(String) });
  expect(speaker(announced)).toEqual(speaker(answer));
});

for (const transport of ['polling', 'websocket'] as const) {
  test(`who watches by ${transport} is told of new numbers, at most once a second`, async ({ connect }) => {
    const server = await TestServer.start({ ADMIN_API_KEY: OWNER_KEY });
    try {
      const watching = await connect({ auth: { api_key: OWNER_KEY }, transports: [transport] }, server.url);
      watching.socket.emit('join', { room: 'admin' });
      await watching.next('joined');
      const post = async (path: string, body: object): Promise<Response> => {
        const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
        expect(answer.ok, await answer.clone().text()).toBe(true);
        return answer;
      };
      for (let n = 0; n < 30; n += 1) {
        const { session_id } = (await (await post('/api/chatbot/sessions', { lang: 'pl' })).json()) as { session_id: string };
        await post('/api/chatbot/chat', { session_id, message: 'Ile to kosztuje?' });
      }
      type Numbers = { conversations: number; messages: number; leads: number; period_days: number };
      type Update = Numbers & { summary: Numbers; timestamp: string };
      const last = await watching.next<Update>('analytics_update', (u) => u.conversations === 30);
      const numbers = { conversations: 30, messages: 60, leads: 0, period_days: 30 };
      expect(last).toMatchObject({ ...numbers, summary: numbers });
      const told = watching.all<Update>('analytics_update').map((u) => Date.parse(u.timestamp));
      const seconds = ((told.at(-1) ?? NaN) - (told[0] ?? NaN)) / 1_000;
      // A second may seem shorter by what the first update took to be read.
      expect(told.length - 1).toBeLessThanOrEqual(seconds + 1);
      expect(watching.socket.connected).toBe(true);
    } finally {
      await server.dispose();
    }
  });
}

test('a client that floods is cut off and may not come straight back', async () => {
  const server = await TestServer.start({ RATE_LIMITS: 'on' });
  const socket = io(server.url, { path: '/socket.io', transports: ['websocket'], forceNew: true, reconnection: false });
  try {
    const client = new Client(socket);
    const cutOff = new Promise((resolve) => socket.once('disconnect', resolve));
    await client.next('connected');
    for (let n = 0; n < 1_500; n += 1) socket.emit('ping', {});
    // What is still on its way when the socket ends closes the connection as well.
    expect(['io server disconnect', 'transport close']).toContain(await cutOff);

    const before = client.got.length;
    const refused = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.connect();
    expect(await refused).toBe('io server disconnect');
    const events = client.got.slice(before);
    expect(events.map((g) => g.event)).toEqual(['error_message']);
    expect(events[0]?.payload).toMatchObject({ code: 'too_many_requests', retry_after_s: 10 });
  } finally {
    socket.disconnect();
    await server.dispose();
  }
});
