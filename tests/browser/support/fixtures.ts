import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { TestServer } from './server';

/** One server per worker for the tests that leave it running; those that stop it start their own. */
export const test = base.extend<{ clean: void }, { server: TestServer }>({
  server: [
    async ({}, use) => {
      const server = await TestServer.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  /** Every page of every test must be free of console errors: most often it is the policy that refuses something. */
  clean: [
    async ({ context }, use) => {
      const problems: string[] = [];
      const expected = /Failed to load resource|WebSocket connection to|ERR_CONNECTION|net::ERR/;
      context.on('console', (m) => m.type() === 'error' && !expected.test(m.text()) && problems.push(`${m.page()?.url()}: ${m.text()}`));
      context.on('weberror', (e) => problems.push(String(e.error())));
      await use();
      expect(problems).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The chat as a visitor finds it, by what is seen and read out. */
export class ChatPage {
  constructor(readonly page: Page) {}

  get log() {
    return this.page.getByRole('log');
  }

  get field() {
    return this.page.locator('section.chat > form textarea');
  }

  /** Own messages, in their order. */
  get own() {
    return this.log.locator('article.user .bubble');
  }

  /** The assistant's messages without the greeting, which carries no time. */
  get answers() {
    return this.log.locator('article.bot:has(time) .bubble');
  }

  /** Own messages that are not yet acknowledged. */
  get waiting() {
    return this.log.locator('article.user.waiting');
  }

  get quickReplies() {
    return this.page.locator('.replies button');
  }

  async open(lang: 'pl' | 'en' | 'de' = 'pl', path = '/chat'): Promise<this> {
    await this.page.goto(`${path}?lang=${lang}`);
    await this.online();
    return this;
  }

  async online(): Promise<void> {
    await expect(this.page.locator('.state.online')).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Asks and waits for one more answer of the assistant; gives its text. */
  async ask(text: string): Promise<string> {
    const before = await this.answers.count();
    await this.say(text);
    await expect(this.answers).toHaveCount(before + 1);
    return this.answers.last().innerText();
  }
}

/** What the browser keeps for this site. */
export async function stored(page: Page): Promise<{ cookies: number; local: string[]; session: string[]; databases: number }> {
  const inPage = await page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).length,
    cookie: document.cookie,
  }));
  const cookies = await page.context().cookies();
  return { cookies: cookies.length + (inPage.cookie ? 1 : 0), local: inPage.local, session: inPage.session, databases: inPage.databases };
}

export const NOTHING_STORED = { cookies: 0, local: [], session: [], databases: 0 };

export const OWNER = { username: 'ola', email: 'ola@example.com', password: 'a long enough passphrase' };

/** Makes the owner's account through the one-time link the server printed. */
export async function setUpOwner(page: Page, server: TestServer): Promise<void> {
  const link = new URL(server.setupLink);
  await page.goto(`${server.url}/admin?lang=en${link.hash}`);
  await page.getByLabel('Username').fill(OWNER.username);
  await page.getByLabel('E-mail').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

/** Who has an account decides what the set-up link may do, so each test has its own server. */
export const own = test.extend<{ mine: TestServer; visitor: ChatPage }>({
  mine: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.dispose();
  },
  visitor: async ({ browser, mine }, use) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${mine.url}/chat?lang=en`);
    const chat = new ChatPage(page);
    await chat.online();
    await use(chat);
    await context.close();
  },
});

/** Nothing that keeps somebody out, by the rules of WCAG 2.2 AA and by what axe calls serious. */
export async function noViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical' || v.tags.some((t) => t.startsWith('wcag')));
  expect(grave.map((v) => `${v.id}: ${v.help} ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}
