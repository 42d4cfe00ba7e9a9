import { ChatPage, expect, noViolations, setUpOwner, test } from './support/fixtures';
import { TestServer } from './support/server';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`axe, ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('the home page', async ({ page }) => {
      await new ChatPage(page).open('pl', '/');
      await expect(page.getByRole('heading', { name: 'Standard' })).toBeVisible();
      await noViolations(page);
    });

    test('the chat with a conversation, its menu and its dialogs', async ({ page }) => {
      const chat = await new ChatPage(page).open('de');
      await chat.ask('Was kostet der Innenausbau?');
      await page.getByRole('button', { name: 'Gesprächsmenü' }).click();
      await noViolations(page);
      await page.getByRole('button', { name: 'Gespräch bewerten' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await noViolations(page);
    });

    test('the search: its suggestions, results and a document', async ({ page, server }) => {
      await page.goto(`${server.url}/?lang=pl`);
      await page.getByRole('combobox').pressSequentially('łazience');
      await expect(page.getByRole('option').first()).toBeVisible();
      await page.keyboard.press('ArrowDown');
      await noViolations(page);
      await page.keyboard.press('Enter');
      await expect(page.locator('main ol li').first()).toBeVisible();
      await noViolations(page);
      await page.locator('main ol a').first().click();
      await expect(page.locator('article')).toBeVisible();
      await noViolations(page);
    });

    test('the privacy page', async ({ page, server }) => {
      await page.goto(`${server.url}/privacy?lang=en`);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      await noViolations(page);
    });

    test('the page that is not there', async ({ page, server }) => {
      const answer = await page.goto(`${server.url}/no-such-page?lang=en`);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
      await noViolations(page);
    });

    test('the team’s pages', async ({ page, browser }) => {
      const server = await TestServer.start();
      try {
        await page.goto(server.setupLink.replace(/^https?:\/\/[^/]+/, server.url));
        await expect(page.getByRole('button', { name: 'Utwórz konto' })).toBeVisible();
        await noViolations(page);
        await page.goto('about:blank');
        await page.goto(`${server.url}/admin`);
        await expect(page.getByRole('button', { name: 'Zaloguj się' })).toBeVisible();
        await noViolations(page);
        await setUpOwner(page, server);
        const context = await browser.newContext();
        const visitor = new ChatPage(await context.newPage());
        await visitor.page.goto(`${server.url}/chat?lang=en`);
        await visitor.online();
        await visitor.ask('How much does it cost?');
        await visitor.page.getByRole('button', { name: 'Talk to a person' }).first().click();
        await page.locator('#list li a').click();
        await expect(page.getByRole('log')).toContainText('How much does it cost?');
        await noViolations(page);
        await page.getByRole('link', { name: 'My account' }).click();
        await page.getByRole('button', { name: 'Set up codes' }).click();
        await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible();
        await expect(page.getByText('There are no keys yet.')).toBeVisible();
        await noViolations(page);
        await context.close();
      } finally {
        await server.dispose();
      }
    });
  });
}

test('the chat works with the keyboard alone', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let i = 0; i < 30; i += 1) {
      await page.keyboard.press('Tab');
      const label = await page.evaluate(() => {
        const e = document.activeElement as HTMLElement | null;
        const text = e?.matches('button, a') ? e.textContent : ''; // not the words inside a region that scrolls
        return `${e?.getAttribute('aria-label') ?? ''} ${text} ${e?.getAttribute('placeholder') ?? ''}`;
      });
      if (name.test(label)) return;
    }
    throw new Error(`Tab never reaches ${name}`);
  };

  await tabTo(/Write a message/);
  await page.keyboard.type('How much does it cost?');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('Per square metre.');
  await page.keyboard.press('Enter');
  await expect(chat.own).toHaveText([/How much does it cost\?\s+Per square metre\./]);
  await expect(chat.answers).toHaveCount(1);

  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await tabTo(/Conversation menu/);
  await expect(page.locator(':focus')).toHaveCSS('outline-style', 'solid');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Rate the conversation' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Rate the conversation' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Conversation menu' })).toBeFocused();

  await page.keyboard.press('Enter');
  await tabTo(/Rate the conversation/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Conversation menu' })).toBeFocused();

  const own = await chat.own.count();
  const title = await chat.quickReplies.first().innerText();
  await tabTo(new RegExp(title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  await page.keyboard.press('Space');
  await expect(chat.own).toHaveCount(own + 1);
  await expect(chat.field).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  for (const path of ['/', '/chat', '/qualification', '/book', '/contact', '/privacy', '/admin', '/no-such-page']) {
    test(`${path} fits, and what one taps is at least 44 px high`, async ({ page, server }) => {
      await page.goto(`${server.url}${path}?lang=de`);
      await expect(page.locator('h1')).toBeVisible();
      if (path === '/' || path === '/chat') await new ChatPage(page).online();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, a[href], input, textarea, select')]
          // Links in a running text are as high as its lines (WCAG 2.5.8 excepts them).
          .filter((e) => e.checkVisibility() && !e.matches('.skip, [aria-hidden] *') && getComputedStyle(e).display !== 'inline')
          .map((e) => ({ html: e.outerHTML.slice(0, 90), box: (e.closest('label') ?? e).getBoundingClientRect() }))
          .filter(({ box }) => box.height < 43.5 || box.width < 24)
          .map(({ html, box }) => `${box.width}×${box.height} ${html}`),
      );
      expect(small).toEqual([]);
    });
  }

  test('one asks below the hero and sees the answer', async ({ page }) => {
    const chat = await new ChatPage(page).open('pl', '/');
    await page.getByRole('button', { name: 'Zadaj pytanie' }).tap();
    await expect(chat.field).toBeFocused();
    await expect(chat.field).toBeInViewport();
    await chat.ask('Ile kosztuje wykończenie mieszkania?');
    await expect(chat.answers.last()).toBeInViewport();
  });
});

test('at 200 % zoom nothing is cut off', async ({ page, server }) => {
  // Zooming in by two is the same to a page as half the room.
  await page.setViewportSize({ width: 640, height: 400 });
  for (const path of ['/', '/chat', '/qualification', '/book', '/contact', '/privacy', '/admin']) {
    await page.goto(`${server.url}${path}?lang=de`);
    await expect(page.locator('h1')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(640);
  }
  await page.goto(`${server.url}/chat?lang=de`);
  await expect(new ChatPage(page).field).toBeInViewport();
});
