import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, NOTHING_STORED, setUpOwner, stored, test } from './support/fixtures';
import { TestServer } from './support/server';

/** Answers one question and goes on; a label for a choice, digits for a number. */
async function answer(page: Page, said: string): Promise<void> {
  if (/^\d/.test(said)) await page.locator('main form input.input').fill(said);
  else await page.getByRole('radio', { name: said, exact: true }).check();
  await page.locator('main form button').click();
}

const HOUSE = ['65', '150 000', 'No', 'Premium', 'House', 'Modern', 'Yes', 'Yes'];

async function takeQuiz(page: Page, url: string, answers = HOUSE): Promise<void> {
  await page.goto(`${url}/qualification?lang=en`);
  for (const [n, said] of answers.entries()) {
    await expect(page.getByText(`Question ${n + 1} of 8`)).toBeVisible();
    await answer(page, said);
  }
}

test('the quiz ends in a package, and nothing is stored or sent about the visitor', async ({ page, server }) => {
  await takeQuiz(page, server.url);
  await expect(page.getByRole('heading', { level: 2, name: /Premium/ })).toBeFocused();
  await expect(page.getByText('80%')).toBeVisible();
  await expect(page.getByRole('checkbox')).not.toBeChecked();
  expect(await stored(page)).toEqual(NOTHING_STORED);
});

test('an answer that is missing or no number is asked for again', async ({ page, server }) => {
  await page.goto(`${server.url}/qualification?lang=en`);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('alert')).toContainText('number above zero');
  await answer(page, '65');
  await answer(page, '150,000');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('alert')).toContainText('choose');
});

test('one may go back, keeps the answers, and may start again', async ({ page, server }) => {
  await takeQuiz(page, server.url);
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByText('Question 8 of 8')).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Yes' })).toBeChecked();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByText('Question 7 of 8')).toBeVisible();
  await answer(page, 'No');
  await page.getByRole('button', { name: 'Show the result' }).click();
  await page.getByRole('link', { name: 'Start again' }).click();
  await expect(page.getByText('Question 1 of 8')).toBeVisible();
  await expect(page.locator('main form input.input')).toHaveValue('');
});

test('the whole quiz goes by keyboard', async ({ page, server }) => {
  await page.goto(`${server.url}/qualification?lang=en`);
  await page.locator('main form input.input').focus();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await expect(page.locator('#step')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.type('80000');
  await page.keyboard.press('Enter');
  for (let n = 3; n <= 8; n += 1) {
    await expect(page.getByText(`Question ${n} of 8`)).toBeVisible();
    await expect(page.locator('#step')).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
  }
  await expect(page.locator('#step')).toBeFocused();
  await expect(page.getByRole('heading', { level: 2, name: /Luxury|Standard|Premium/ })).toBeVisible();
});

test('the language changes on the way and the answers stay', async ({ page, server }) => {
  await page.goto(`${server.url}/qualification?lang=pl`);
  await page.locator('main form input.input').fill('65');
  await page.getByRole('button', { name: 'Dalej' }).click();
  await expect(page.getByText('Pytanie 2 z 8')).toBeVisible();
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.getByText('Frage 2 von 8')).toBeVisible();
  await page.getByRole('link', { name: 'Zurück' }).click();
  await expect(page.locator('main form input.input')).toHaveValue('65');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the quiz goes the same way', async ({ page, server }) => {
    await takeQuiz(page, server.url);
    await expect(page.getByRole('heading', { level: 2, name: /Premium/ })).toBeVisible();
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(page.getByRole('radio', { name: 'Yes' })).toBeChecked();
  });
});

test('the home page leads to the quiz', async ({ page, server }) => {
  await page.goto(`${server.url}/?lang=en`);
  await page.getByRole('link', { name: /Eight short questions/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Which package?' })).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`question and result can be read by everyone (${scheme})`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`${server.url}/qualification?lang=pl`);
    await expect(page.locator('#step')).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await takeQuiz(page, server.url);
    await page.getByRole('button', { name: 'Please contact me' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

test('no page of the quiz scrolls sideways on a phone', async ({ page, server }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const lang of ['pl', 'en', 'de']) {
    await page.goto(`${server.url}/qualification?lang=${lang}`);
    await expect(page.locator('#step')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  }
  await takeQuiz(page, server.url);
  await expect(page.getByRole('checkbox')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

/** An owner's account is made on it, so this test has its own server. */
test('whoever asks for contact appears on the team’s list at once', async ({ page, browser, request }) => {
  const mine = await TestServer.start();
  try {
    await setUpOwner(page, mine);
    await page.getByRole('link', { name: 'Leads' }).click();
    await expect(page.getByText('Nobody has left their contact details yet.')).toBeVisible();

    const context = await browser.newContext();
    const visitor = await context.newPage();
    await takeQuiz(visitor, mine.url);
    // Nobody fills the form in as quickly as this test, and who does lies in the spam folder, of which the team hears nothing.
    const openedAt = visitor.locator('input[name="opened_at"]');
    await openedAt.evaluate((field: HTMLInputElement) => (field.value = String(Number(field.value) - 60_000)));
    const send = visitor.getByRole('button', { name: 'Please contact me' });
    await send.click();
    const wrong = visitor.getByRole('alert');
    await expect(wrong).toBeFocused();
    for (const why of ['your name', 'an e-mail address or a phone number', 'your consent']) await expect(wrong).toContainText(why);
    await visitor.getByLabel('Name').fill('Anna');
    await visitor.getByLabel('Phone').fill('12');
    await visitor.getByRole('checkbox').check();
    await send.click();
    await expect(wrong.getByRole('link')).toHaveCount(1);
    await wrong.getByRole('link').click();
    await expect(visitor.getByLabel('Phone')).toBeFocused();
    await visitor.getByLabel('Phone').fill('600 100 200');
    await send.click();
    await expect(visitor.getByRole('main').getByRole('status')).toContainText('Thank you');
    await context.close();

    const card = page.getByRole('article', { name: 'Anna' });
    await expect(card).toContainText('from the quiz');
    await expect(card).toContainText('premium');
    await expect(card).toContainText('House, 65 m²');
    await expect(card.getByRole('link', { name: '600 100 200' })).toHaveAttribute('href', 'tel:600100200');
    await expect(page.getByRole('article')).toHaveCount(1);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

    // Not from the owner's browser: a form elsewhere, without anybody's cookie.
    const again = await request.post(`${mine.url}/api/leads`, { data: { name: 'Anna', phone: '600100200', location: 'Gdynia' } });
    expect(again.ok()).toBe(true);
    await expect(card).toContainText('Gdynia');
    await page.reload();
    await expect(card).toContainText('Gdynia');
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.getByRole('link', { name: 'Conversations' }).click();
    await expect(page.getByRole('article')).toHaveCount(0);
  } finally {
    await mine.dispose();
  }
});
