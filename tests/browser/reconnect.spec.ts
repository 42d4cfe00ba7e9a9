import { ChatPage, expect, test } from './support/fixtures';
import { TestServer } from './support/server';

/** These stop their server, so each has its own. */
const own = test.extend<{ mine: TestServer }>({
  mine: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.dispose();
  },
});
own.slow();

/** Power cuts in the middle of a chat; many of them on a long run. */
const TURNS = process.env.NOVAHOUSE_LONG ? 200 : 6;

for (const how of ['kill', 'stop'] as const) {
  own(`a message written while the server is gone (${how}) arrives once after its restart`, async ({ page, mine }) => {
    const chat = new ChatPage(page);
    await page.goto(`${mine.url}/chat?lang=pl`);
    await chat.online();
    await chat.ask('Ile kosztuje wykończenie mieszkania?');
    await mine[how]();
    await expect(page.locator('.state.online')).toHaveCount(0);
    await chat.say('Jaka jest gwarancja?');
    await chat.say('Gdzie pracujecie?');
    await expect(chat.waiting).toHaveCount(2);
    await mine.again();
    await chat.online();
    await expect(chat.waiting).toHaveCount(0);
    await expect(chat.own).toHaveText(['Ile kosztuje wykończenie mieszkania?', 'Jaka jest gwarancja?', 'Gdzie pracujecie?']);
    await expect(chat.answers).toHaveCount(3);
    await page.reload();
    await chat.online();
    await expect(chat.own).toHaveText(['Ile kosztuje wykończenie mieszkania?', 'Jaka jest gwarancja?', 'Gdzie pracujecie?']);
    await expect(chat.answers).toHaveCount(3);
  });
}

own('a message under way when the power goes is neither lost nor doubled', async ({ page, mine }) => {
  own.setTimeout(60_000 + TURNS * 10_000);
  const chat = new ChatPage(page);
  await page.goto(`${mine.url}/chat?lang=pl`);
  await chat.online();
  const said: string[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    // Killed at once after sending: depending on the moment it is stored or not, acknowledged or not.
    said.push(`Pytanie numer ${turn}: jaka jest gwarancja?`);
    await chat.say(said.at(-1) ?? '');
    if (turn % 2 === 0) await expect(chat.waiting).toHaveCount(0);
    await mine.kill();
    await mine.again();
    await chat.online();
    await expect(chat.waiting).toHaveCount(0);
  }
  await expect(chat.own).toHaveText(said);
  await page.reload();
  await chat.online();
  await expect(chat.own).toHaveText(said);
  // Question and answer are stored in one transaction, so there are as many of one as of the other.
  await expect(chat.answers).toHaveCount(said.length);
});

own('a message that was waiting survives a reload of the page', async ({ page, mine }) => {
  const chat = new ChatPage(page);
  await page.goto(`${mine.url}/chat?lang=en`);
  await chat.online();
  await chat.ask('How much does it cost?');
  // The line to the server is cut, the page itself can still be loaded.
  await page.route('**/api/chatbot/**', (route) => route.abort());
  await page.route('**/socket.io/**', (route) => route.abort());
  await page.reload();
  await expect(page.locator('.state.offline')).toHaveText(/Offline/);
  await chat.say('What is the warranty?');
  await expect(chat.waiting).toHaveText(/Waiting for the connection/);
  await page.reload();
  await expect(chat.waiting).toHaveText(/What is the warranty/);
  await page.unroute('**/api/chatbot/**');
  await page.unroute('**/socket.io/**');
  await chat.online();
  await expect(chat.waiting).toHaveCount(0);
  await expect(chat.own).toHaveText(['How much does it cost?', 'What is the warranty?']);
  await expect(chat.answers).toHaveCount(2);
});

own('without Socket.IO the chat goes on over plain requests, and back when it works', async ({ page, mine }) => {
  const chat = new ChatPage(page);
  await page.route('**/socket.io/**', (route) => route.abort());
  await page.goto(`${mine.url}/chat?lang=en`);
  await expect(page.locator('.state.polling')).toHaveText(/Online/);
  await chat.ask('How much does it cost?');
  await expect(chat.waiting).toHaveCount(0);
  await page.unroute('**/socket.io/**');
  await chat.online();
  await chat.ask('What is the warranty?');
  await expect(chat.own).toHaveCount(2);
  await expect(chat.answers).toHaveCount(2);
});
