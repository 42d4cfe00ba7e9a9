import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { ChatPage, expect, test as base } from './support/fixtures';
import { TestModel } from './support/model';
import { TestServer } from './support/server';

/** The assistant does not know what this is about, and the knowledge says something about walls. */
const UNCLEAR = 'Who checks the quality of the plaster?';
const FIRST = 'The walls get latex paint in Standard.';
const SECOND = ' A gypsum finish comes with Premium.';
const LIE = ' It costs PLN 499 per m².';

interface Delta {
  session_id: string;
  message_id: number;
  delta: string;
}
interface Answer {
  response: string;
  in_reply_to?: number;
  sources: { title: string }[];
}

const test = base.extend<{ model: TestModel }, { asking: { model: TestModel; server: TestServer } }>({
  asking: [
    async ({}, use) => {
      const model = await TestModel.start();
      const server = await TestServer.start(model.env);
      // The index of the knowledge is made in the background.
      await expect.poll(async () => (await (await fetch(`${server.url}/api/search/?lang=en&q=walls%20finished`)).json()).count).toBeGreaterThan(0);
      await use({ model, server });
      await server.dispose();
      await model.stop();
    },
    { scope: 'worker' },
  ],
  model: async ({ asking }, use) => use(asking.model),
  baseURL: async ({ asking }, use) => use(asking.server.url),
});

async function connected(url: string): Promise<{ socket: Socket; session: string; deltas: Delta[]; answers: Answer[] }> {
  const start = await fetch(`${url}/api/chatbot/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"lang":"en"}' });
  const { session_id: session } = (await start.json()) as { session_id: string };
  const socket = io(url, { path: '/socket.io', forceNew: true, reconnection: false, auth: { session_id: session } });
  const [deltas, answers]: [Delta[], Answer[]] = [[], []];
  socket.on('bot_response_delta', (delta: Delta) => deltas.push(delta));
  socket.on('bot_response', (answer: Answer) => answers.push(answer));
  await new Promise<void>((resolve, reject) => socket.once('connected', () => resolve()).once('connect_error', reject));
  return { socket, session, deltas, answers };
}

test('an answer comes by whole sentences, each joined to its question, and then as a whole', async ({ asking, model }) => {
  model.willSay('The walls get la', 'tex paint in Standard. A gyp', 'sum finish comes with Premium.');
  const { socket, session, deltas, answers } = await connected(asking.server.url);
  const ask = { session_id: session, message: UNCLEAR, client_id: randomUUID(), lang: 'en' };
  const ack = (await socket.timeout(8_000).emitWithAck('chat_message', ask)) as { message_id: number };
  expect(ack.message_id, 'it is acknowledged before the model says a word').toBeTruthy();
  model.let(2);
  await expect.poll(() => deltas.length).toBe(1);
  expect(deltas[0]?.delta).toContain(FIRST);
  expect(answers).toEqual([]);
  model.let(1);
  await expect.poll(() => answers.length).toBe(1);
  expect(deltas.map((delta) => delta.delta).join('')).toBe(answers[0]?.response);
  expect(answers[0]?.response).toContain(FIRST + SECOND);
  expect(answers[0]?.sources[0]?.title).toBe('How are the walls finished?');
  expect([answers[0]?.in_reply_to, ...deltas.map((delta) => delta.message_id)]).toEqual([ack.message_id, ack.message_id, ack.message_id]);
  socket.disconnect();
});

test('what was shown is taken back when the answer goes on with something invented', async ({ asking, model }) => {
  model.willSay(FIRST, `${LIE} Really.`);
  const { socket, session, deltas, answers } = await connected(asking.server.url);
  await socket.timeout(8_000).emitWithAck('chat_message', { session_id: session, message: UNCLEAR, client_id: randomUUID(), lang: 'en' });
  model.let(2);
  await expect.poll(() => answers.length).toBe(1);
  expect(answers[0]?.response).not.toContain('latex');
  expect(deltas.map((delta) => delta.delta).join('')).not.toContain('499');
  socket.disconnect();
});

test('a visitor sees the answer grow and finds it whole in the log, where alone it is read out', async ({ page, model }) => {
  model.willSay(`${FIRST} A`, `${SECOND.slice(2)}`);
  const chat = await new ChatPage(page).open('en');
  await chat.say(UNCLEAR);
  await expect(chat.own).toHaveCount(1);
  model.let(1);
  const draft = page.locator('.draft');
  await expect(draft).toContainText(FIRST);
  await expect(draft).toHaveAttribute('aria-hidden', 'true');
  await expect(chat.answers).toHaveCount(0);
  model.let(1);
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.answers).toContainText(FIRST + SECOND);
  await expect(draft).toHaveCount(0);
});

test('a visitor who saw the beginning of an invented answer is left with the assistant’s own', async ({ page, model }) => {
  model.willSay(`${FIRST} A`, ` gypsum finish costs PLN 499. Now`, ' more');
  const chat = await new ChatPage(page).open('en');
  await chat.say(UNCLEAR);
  model.let(1);
  await expect(page.locator('.draft')).toContainText(FIRST);
  model.let(2);
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.answers).not.toContainText('latex');
  await expect(page.locator('.draft')).toHaveCount(0);
  await expect(chat.quickReplies).toHaveCount(3);
});
