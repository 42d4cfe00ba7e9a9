import { ChatPage, expect, NOTHING_STORED, stored, test } from './support/fixtures';

const QUESTIONS = [
  { lang: 'pl', question: 'Ile kosztuje wykończenie mieszkania?', answer: /zł\/m²/ },
  { lang: 'en', question: 'How much does the finishing of a flat cost?', answer: /PLN 949\/m²/ },
  { lang: 'de', question: 'Was kostet der Innenausbau pro Quadratmeter?', answer: /949 PLN\/m²/ },
] as const;

for (const { lang, question, answer } of QUESTIONS) {
  test(`a visitor asks in ${lang} and is answered in ${lang}`, async ({ page }) => {
    const chat = await new ChatPage(page).open(lang);
    expect(await chat.ask(question)).toMatch(answer);
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
  });
}

test('the answer follows the language of the question, not that of the page', async ({ page }) => {
  const chat = await new ChatPage(page).open('pl');
  expect(await chat.ask('How much does the finishing of a flat cost per square metre?')).toMatch(/PLN 949\/m²/);
});

test('a quick reply is sent by its title, answered, and gone', async ({ page }) => {
  const chat = await new ChatPage(page).open('pl');
  const first = chat.quickReplies.first();
  const title = await first.innerText();
  await first.click();
  await expect(chat.own).toHaveText([title]);
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.waiting).toHaveCount(0);
  await expect(chat.own).toHaveText([title]);
});

test('the greeting follows the language switch without a reload', async ({ page }) => {
  const chat = await new ChatPage(page).open('pl', '/');
  const polish = await chat.log.innerText();
  await page.evaluate(() => ((window as unknown as { same: boolean }).same = true));
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Pakete' })).toBeVisible();
  await expect(chat.log).not.toHaveText(polish);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);
  expect(new URL(page.url()).searchParams.get('lang')).toBe('de');
});

test('nothing is stored before the visitor sends a message, and no foreign host is called', async ({ page, server }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  const chat = await new ChatPage(page).open('pl', '/');
  expect(await stored(page)).toEqual(NOTHING_STORED);
  await page.getByRole('button', { name: 'English' }).click();
  await page.goto(`${server.url}/privacy`);
  await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
  await chat.open('pl');
  await chat.field.fill('still only writing');
  expect(await stored(page)).toEqual(NOTHING_STORED);
  await chat.ask('Ile trwa wykończenie?');
  expect(await stored(page)).toEqual({ ...NOTHING_STORED, local: ['novahouse.session'] });
  expect([...hosts].map((h) => h.replace('blob:', ''))).toEqual([server.url]);
});

test('a reload keeps the conversation', async ({ page }) => {
  const chat = await new ChatPage(page).open('pl');
  await chat.ask('Ile kosztuje wykończenie mieszkania?');
  await chat.ask('Jaka jest gwarancja?');
  const before = { own: await chat.own.allInnerTexts(), answers: await chat.answers.allInnerTexts() };
  await page.reload();
  await chat.online();
  await expect(chat.own).toHaveText(before.own);
  await expect(chat.answers).toHaveText(before.answers);
  await chat.ask('Gdzie pracujecie?');
  await expect(chat.own).toHaveCount(3);
});

test('two tabs of one conversation show the same', async ({ page, context }) => {
  const first = await new ChatPage(page).open('pl');
  await first.ask('Ile kosztuje wykończenie mieszkania?');
  const second = await new ChatPage(await context.newPage()).open('pl');
  await expect(second.own).toHaveCount(1);
  await second.ask('Jaka jest gwarancja?');
  await expect(first.own).toHaveCount(2);
  await expect(first.answers).toHaveText(await second.answers.allInnerTexts());
  await first.ask('Gdzie pracujecie?');
  await expect(second.own).toHaveText(await first.own.allInnerTexts());
  await expect(second.answers).toHaveText(await first.answers.allInnerTexts());
});

test('the visitor gets and deletes their data', async ({ page, context }) => {
  const chat = await new ChatPage(page).open('en');
  await chat.ask('How much does it cost?');
  const other = await new ChatPage(await context.newPage()).open('en');
  await expect(other.own).toHaveCount(1);

  await page.getByRole('button', { name: 'Conversation menu' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download my data' }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain('How much does it cost?');

  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('button', { name: 'Delete my data' }).click();
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(chat.own).toHaveCount(0);
  await expect(page.getByText('has been deleted')).toBeVisible();
  expect(await stored(page)).toEqual(NOTHING_STORED);
  await expect(other.own).toHaveCount(0);
  await page.reload();
  await chat.online();
  await expect(chat.own).toHaveCount(0);
});

test('the visitor rates the conversation', async ({ page }) => {
  const chat = await new ChatPage(page).open('de');
  await chat.ask('Was kostet der Innenausbau?');
  await page.getByRole('button', { name: 'Gesprächsmenü' }).click();
  await page.getByRole('button', { name: 'Gespräch bewerten' }).click();
  await page.getByRole('button', { name: 'Bewertung senden' }).click();
  await expect(page.getByRole('alert')).toContainText('1 bis 5');
  await page.getByLabel('5 – sehr gut').check();
  await page.getByLabel('Kommentar (freiwillig)').fill('Schnell und klar');
  await page.getByRole('button', { name: 'Bewertung senden' }).click();
  await expect(page.getByText('Vielen Dank für Ihre Bewertung.')).toBeVisible();
});

test('a message over the limit is not sent, and the counter says why', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  await chat.field.fill('x'.repeat(1_790));
  await expect(page.getByText('Characters left')).toHaveCount(0);
  await chat.field.fill('x'.repeat(1_900));
  await expect(page.getByText('Characters left: 100')).toBeVisible();
  await chat.field.fill('x'.repeat(2_001));
  await expect(page.getByText('1 characters over')).toBeVisible();
  await chat.field.press('Enter');
  await expect(chat.own).toHaveCount(0);
});

test('markup in a message stays text', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  const nasty = '<img src=x onerror="document.title=1"> [a](javascript:alert(1)) https://example.com/?a=1&b=2';
  await chat.ask(nasty);
  await expect(chat.own).toHaveText([nasty]);
  const link = chat.own.getByRole('link');
  await expect(link).toHaveCount(1);
  await expect(link).toHaveAttribute('href', 'https://example.com/?a=1&b=2');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
});
