import type { APIRequestContext, Page } from '@playwright/test';
import { expect, test } from './support/fixtures';

const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; " +
  "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

for (const path of ['/', '/chat', '/qualification', '/book', '/contact', '/admin', '/privacy', '/search', '/d/1', '/docs', '/api/docs', '/api/docs/redoc', '/no-such-page']) {
  test(`${path} is served under the strict policy`, async ({ request }) => {
    const answer = await request.get(path);
    expect(answer.headers()['content-security-policy']).toBe(CSP);
    expect(answer.headers()['content-type']).toContain('text/html');
  });
}

test('assets are cached for good, pages are not', async ({ request }) => {
  const html = await request.get('/');
  expect(html.headers()['cache-control'] ?? '').not.toContain('immutable');
  const asset = /\/assets\/[^"]+\.js/.exec(await html.text())?.[0] ?? '';
  expect((await request.get(asset)).headers()['cache-control']).toContain('immutable');
});

/** How many operations the server describes. */
async function operations(request: APIRequestContext): Promise<number> {
  const { paths } = (await (await request.get('/openapi.json')).json()) as { paths: Record<string, Record<string, unknown>> };
  return Object.values(paths).flatMap((p) => Object.keys(p).filter((m) => /^(get|post|put|patch|delete|head|options)$/.test(m))).length;
}

/** Swagger UI keeps of a long description only what is seen: scrolls on until `check` holds. */
async function scrollUntil(page: Page, check: () => Promise<void>): Promise<void> {
  await expect(page.locator('.opblock').first()).toBeVisible();
  await expect(async () => {
    await page.mouse.wheel(0, 300);
    await check();
  }).toPass({ timeout: 40_000, intervals: [20] });
}

test('Swagger UI shows all operations', async ({ page, server }) => {
  await page.goto(`${server.url}/docs`);
  const all = await operations(page.request);
  const seen = new Set<string>();
  await scrollUntil(page, async () => {
    for (const id of await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id))) seen.add(id);
    expect(seen.size).toBe(all);
  });
  await page.locator('.opblock-summary-control').first().click();
  await expect(page.locator('.opblock.is-open .responses-wrapper')).toBeVisible();
});

test('Swagger UI carries out a request', async ({ page, server }) => {
  await page.goto(`${server.url}/docs`);
  const health = page.locator('.opblock').filter({ has: page.locator('[data-path="/api/chatbot/health"]') });
  await scrollUntil(page, () => expect(health).toBeVisible({ timeout: 10 }));
  await health.locator('.opblock-summary-control').click();
  await health.getByRole('button', { name: 'Try it out' }).click();
  await health.getByRole('button', { name: 'Execute' }).click();
  await expect(health.locator('.live-responses-table .response-col_status').last()).toContainText('200');
});

test('ReDoc shows all operations, with its styles', async ({ page, server }) => {
  // It draws every operation before it shows the first.
  test.slow();
  await page.goto(`${server.url}/api/docs/redoc`);
  await expect(page.locator('h2 a[href*="operation/"]')).toHaveCount(await operations(page.request), { timeout: 100_000 });
  await expect(page.locator('.menu-content')).toBeVisible();
  // Without its styles the menu would not stand beside the text.
  const [menu, text] = await Promise.all([page.locator('.menu-content').boundingBox(), page.locator('.api-content').boundingBox()]);
  expect(menu!.width).toBeLessThan(400);
  expect(text!.x).toBeGreaterThanOrEqual(menu!.x + menu!.width - 1);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the privacy page is there in all three languages, with a form for one’s own data', async ({ page, server }) => {
    const titles: string[] = [];
    for (const lang of ['pl', 'en', 'de']) {
      await page.goto(`${server.url}/privacy?lang=${lang}`);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      await expect(page.getByRole('radio')).toHaveCount(3);
      titles.push(await page.locator('h1').innerText());
    }
    expect(new Set(titles).size).toBe(3);
  });
});

test('the home page shows packages, four steps and how to reach the company', async ({ page, server }) => {
  for (const lang of ['pl', 'en', 'de']) {
    await page.goto(`${server.url}/?lang=${lang}`);
    for (const name of ['Standard', 'Premium', 'Luxury']) await expect(page.getByRole('heading', { level: 3, name })).toBeVisible();
    await expect(page.locator('#steps ol > li')).toHaveCount(4);
    await expect(page.locator('#contact a[href="tel:+48585004663"]')).toBeVisible();
    await expect(page.locator('#contact a[href="mailto:kontakt@novahouse.pl"]')).toBeVisible();
    await expect(page.locator('#contact dd')).toHaveCount(4);
  }
});

test('asking about a package from its card starts the conversation', async ({ page, server }) => {
  await page.goto(`${server.url}/?lang=en`);
  await expect(page.locator('.state.online')).toBeVisible();
  await page.getByRole('button', { name: /Ask.*Premium package/ }).click();
  await expect(page.locator('article.user .bubble')).toHaveText('What does the Premium package include?');
  await expect(page.locator('article.bot:has(time)')).toHaveCount(1);
});
