import type { Page } from '@playwright/test';
import { expect, setUpOwner, test as base } from './support/fixtures';
import { TestServer } from './support/server';

/** The price list belongs to the owner, so each test has its own server and its owner signed in on `team`. */
const test = base.extend<{ mine: TestServer; team: Page }>({
  mine: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.dispose();
  },
  team: async ({ browser, mine }, use) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await setUpOwner(page, mine);
    await use(page);
    await context.close();
  },
});

/** Saves a quote as the team does; gives the path of its page. */
async function quoteFor(team: Page, wanted: Record<string, unknown>): Promise<string> {
  return team.evaluate(async (body) => {
    const answer = await fetch('/api/quotes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { page_path: string }).page_path;
  }, wanted);
}

const LARGE_FLAT = { area_m2: 200, package: 'premium', property_type: 'flat', city: 'Gdańsk', rooms: 5, extras: ['Sauna'] };

test('a client reads a quote in its own language, switches it and accepts it', async ({ page, mine, team }) => {
  const path = await quoteFor(team, { ...LARGE_FLAT, lang: 'de' });
  await page.goto(mine.url + path);
  await expect(page.getByRole('heading', { level: 1, name: 'Kostenvoranschlag Nr. 1' })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Quote no. 1' })).toBeVisible();
  await expect(page.locator('.amount')).toHaveText(/189,800.*398,000/);
  await expect(page.getByRole('row', { name: /^23%/ })).toBeVisible();
  await expect(page.getByText('Priced individually, on top of this amount: Sauna.')).toBeVisible();

  await page.getByRole('button', { name: 'Accept this quote' }).click();
  await expect(page.getByText(/^Thank you! This quote was accepted on/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Accept this quote' })).toHaveCount(0);
  await page.reload();
  await expect(page.getByText(/^Thank you!/)).toBeVisible();
});

test('on paper there is the quote and nothing to press', async ({ page, mine, team }) => {
  const path = await quoteFor(team, { ...LARGE_FLAT, lang: 'pl' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(`${mine.url}${path}?lang=pl`);
  await expect(page.getByRole('heading', { level: 1, name: 'Wycena nr 1' })).toBeVisible();
  await expect(page.locator('.amount')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('contentinfo')).toHaveCount(0);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
  const pdf = await page.pdf({ preferCSSPageSize: true });
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
});

test('a link that is not whole says so', async ({ page, mine }) => {
  await page.goto(`${mine.url}/quote/AAAA?lang=en`);
  await expect(page.getByRole('alert')).toHaveText('There is no such quote. Check that the link is complete.');
});

test('prices the owner enters are what the chat and the home page tell', async ({ page, mine, team }) => {
  await team.getByRole('link', { name: 'Price list' }).click();
  const standard = team.getByRole('group', { name: 'Standard' });
  await expect(standard.getByLabel('from')).toHaveValue('949');
  await standard.getByLabel('from').fill('1111');
  await standard.getByLabel('to').fill('1333.50');
  await team.getByRole('group', { name: 'Premium' }).getByLabel('from').fill('1333.50');
  await team.getByRole('group', { name: 'Luxury' }).getByLabel('from').fill('1500');
  await team.getByRole('button', { name: 'Add a city' }).click();
  await team.getByLabel('City', { exact: true }).fill('Gdańsk');
  await team.getByLabel('Factor', { exact: true }).fill('1.1');
  await team.getByRole('button', { name: 'Add an extra' }).click();
  for (const lang of ['Polski', 'English', 'Deutsch']) await team.getByLabel(`Name (${lang})`).fill('Sauna');
  await team.getByLabel('Price (PLN)').fill('9000');
  await team.getByRole('button', { name: 'Save the price list' }).click();
  await expect(team.getByText('Saved as version 2.')).toBeVisible();

  await page.goto(`${mine.url}/?lang=en`);
  await expect(page.getByText(/1111.*1990.*per m²/)).toBeVisible();
  const path = await quoteFor(team, { ...LARGE_FLAT, package: 'standard', area_m2: 100, lang: 'en' });
  await page.goto(mine.url + path);
  await expect(page.locator('.amount')).toHaveText(/131,210.*155,685/);
  await team.reload();
  await expect(team.getByLabel('Price (PLN)')).toHaveValue('9000');
});
