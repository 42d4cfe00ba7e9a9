import type { Page } from '@playwright/test';
import { ChatPage, expect, NOTHING_STORED, stored, test } from './support/fixtures';

/** The search as a visitor finds it, by what is seen and read out. */
class SearchBox {
  constructor(readonly page: Page) {}

  get field() {
    return this.page.getByRole('combobox');
  }

  get list() {
    return this.page.getByRole('listbox');
  }

  get options() {
    return this.page.getByRole('option');
  }

  /** The suggestion the arrow keys are on, as a screen reader finds it. */
  async active(): Promise<string | null> {
    return this.field.evaluate((e) => document.getElementById(e.getAttribute('aria-activedescendant') ?? '')?.innerText ?? null);
  }

  async open(path: string): Promise<this> {
    await this.page.goto(path);
    await expect(this.field).toBeVisible();
    return this;
  }

  /** Types and waits until something is suggested. */
  async type(text: string): Promise<void> {
    await this.field.fill(text);
    await expect(this.list).toBeVisible();
  }
}

const titles = (page: Page) => page.locator('main ol h2 a');

test('"lazience" suggests łazienka, and a suggestion opens results and a document', async ({ page }) => {
  const box = await new SearchBox(page).open('/');
  await box.type('lazience');
  await expect(box.options.first()).toContainText(/łazien/i);
  await expect(box.options.first().locator('mark').first()).toHaveText(/^łazien/i);
  const phrase = await box.options.first().innerText();
  await box.options.first().click();
  await expect(page).toHaveURL((url) => url.pathname === '/search' && url.searchParams.get('q') === phrase);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(phrase);
  await expect(box.field).toHaveValue(phrase);
  await expect(page.locator('main mark').filter({ hasText: /łazien/i }).first()).toBeVisible();
  const title = await titles(page).first().innerText();
  await titles(page).first().click();
  await expect(page).toHaveURL(/\/d\/\d+/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  await expect(page).toHaveTitle(`NovaHouse – ${title}`);
  expect(await stored(page)).toEqual(NOTHING_STORED);
});

for (const [lang, typed, found, heading] of [
  ['pl', 'plytki', /płyt/i, 'Wyniki dla „plytki”'],
  ['en', 'bathrom', /bathroom/i, 'Results for “bathrom”'],
  ['de', 'baeder', /B[aä]d/, 'Ergebnisse für „baeder“'],
] as const) {
  test(`the search speaks ${lang} and finds in ${lang}`, async ({ page }) => {
    const box = await new SearchBox(page).open(`/no-such-page?lang=${lang}`);
    await box.type(typed);
    await box.field.press('Enter');
    await expect(page).toHaveURL((url) => url.pathname === '/search' && url.searchParams.get('lang') === lang);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.locator('main mark').filter({ hasText: found }).first()).toBeVisible();
    await expect(page.locator(`main ol > li:not([lang="${lang}"])`)).toHaveCount(0);
  });
}

test('the keyboard alone searches, chooses and opens', async ({ page }) => {
  const box = await new SearchBox(page).open('/');
  for (let i = 0; i < 12 && !(await box.field.evaluate((e) => e === document.activeElement)); i += 1) await page.keyboard.press('Tab');
  await expect(box.field).toBeFocused();
  await expect(box.field).toHaveAttribute('aria-expanded', 'false');
  await box.type('pakiet');
  await expect(box.field).toHaveAttribute('aria-expanded', 'true');
  await expect(box.field).toHaveAttribute('aria-controls', (await box.list.getAttribute('id')) ?? '?');
  const phrases = await box.options.allInnerTexts();
  expect(phrases.length).toBeGreaterThan(1);
  expect(await box.active()).toBeNull();

  await page.keyboard.press('ArrowDown');
  expect(await box.active()).toBe(phrases[0]);
  await expect(page.getByRole('option', { selected: true })).toHaveText(phrases[0] ?? '');
  await page.keyboard.press('ArrowUp');
  expect(await box.active()).toBe(phrases.at(-1));
  await page.keyboard.press('ArrowDown');
  expect(await box.active()).toBe(phrases[0]);
  await expect(box.field).toHaveValue('pakiet');
  await page.keyboard.press('Home');
  expect(await box.active()).toBeNull();
  expect(await box.field.evaluate((e: HTMLInputElement) => e.selectionStart)).toBe(0);
  await page.keyboard.press('End');
  expect(await box.field.evaluate((e: HTMLInputElement) => e.selectionStart)).toBe('pakiet'.length);

  await page.keyboard.press('Escape');
  await expect(box.list).toBeHidden();
  await expect(box.field).toHaveValue('pakiet');
  await page.keyboard.press('ArrowDown');
  await expect(box.list).toBeVisible();
  expect(await box.active()).toBe(phrases[0]);
  await page.keyboard.press('Tab');
  await expect(box.list).toBeHidden();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Escape');
  await expect(box.field).toHaveValue('');

  await box.type('pakiet');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL((url) => url.pathname === '/search' && url.searchParams.get('q') === phrases[1]);
  await expect(titles(page).first()).toBeVisible();
  await titles(page).first().focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/d\/\d+/);
});

test('Enter without a suggestion searches for what was typed, and nothing typed goes nowhere', async ({ page }) => {
  const box = await new SearchBox(page).open('/');
  await box.field.press('Enter');
  await expect(page).toHaveURL(/\/$/);
  await expect(box.field).toBeFocused();
  await box.field.fill(' podłoga & ściana ');
  await box.field.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Wyniki dla „podłoga & ściana”');
});

test('back brings the query and its results again', async ({ page }) => {
  const box = await new SearchBox(page).open('/search?q=gwarancja');
  const found = await titles(page).first().innerText();
  await titles(page).first().click();
  await expect(page).toHaveURL(/\/d\/\d+/);
  await page.goBack();
  await expect(box.field).toHaveValue('gwarancja');
  await expect(titles(page).first()).toHaveText(found);
});

test('an answer that comes too late changes nothing', async ({ page }) => {
  let answerLate = (): void => {};
  let end = (): void => {};
  const late = new Promise<void>((resolve) => (answerLate = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  await page.route('**/api/search/suggest?*', async (route) => {
    const typed = new URL(route.request().url()).searchParams.get('q') ?? '';
    if (typed === 'pł') await late;
    await route.fulfill({ json: { success: true, suggestions: [`${typed} 1`, `${typed} 2`] } }).catch(() => {});
    if (typed === 'pł') end();
  });
  const box = await new SearchBox(page).open('/');
  const first = page.waitForRequest(/suggest\?q=p%C5%82&/);
  await box.field.pressSequentially('pł');
  await first;
  await box.field.pressSequentially('ytki');
  await expect(box.options).toHaveText(['płytki 1', 'płytki 2']);
  answerLate();
  await ended;
  await page.keyboard.press('ArrowDown');
  await expect(box.options).toHaveText(['płytki 1', 'płytki 2']);
  expect(await box.active()).toBe('płytki 1');
});

test('while somebody types there is one request, not one a letter', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/suggest') && asked.push(new URL(request.url()).searchParams.get('q') ?? ''));
  await page.clock.install();
  const box = await new SearchBox(page).open('/no-such-page');
  await page.clock.pauseAt(Date.now() + 60_000);
  await box.field.pressSequentially('łazien');
  await page.clock.runFor(1_000);
  await expect(box.list).toBeVisible();
  expect(asked).toEqual(['łazien']);
});

test('the list covers the page instead of moving it, and leaves with the focus', async ({ page }) => {
  const box = await new SearchBox(page).open('/');
  const heading = page.getByRole('heading', { level: 1 });
  const before = await heading.boundingBox();
  await box.type('łaz');
  expect(await heading.boundingBox()).toEqual(before);
  await heading.click();
  await expect(box.list).toBeHidden();
});

test('markup in a query and in an answer stays text', async ({ page }) => {
  const nasty = '<img src=x onerror="document.title=1"><mark>łazienka</mark>';
  await page.goto(`/search?q=${encodeURIComponent(nasty)}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(nasty);
  await expect(page.getByRole('combobox')).toHaveValue(nasty);
  await expect(page.locator('main img, main h1 mark')).toHaveCount(0);

  // Even a server that forgot to escape.
  const content = '<b>x</b><script>document.title=1</script> <mark>tak</mark> &lt;i&gt;';
  const result = { id: 1, type: '<i>faq', title: nasty, content, highlights: { title: nasty, content }, tags: [], language: 'pl', url: 'javascript:document.title=1' };
  await page.route('**/api/search?*', (route) =>
    route.fulfill({ json: { success: true, query: 'x', count: 1, total: 1, results: [result], facets: { type: { '<i>faq': 1, '<b>': 2 }, language: {} } } }),
  );
  await page.goto('/search?q=x');
  await expect(page.locator('main ol li')).toContainText('<img src=x onerror="document.title=1">łazienka');
  await expect(page.locator('main ol li')).toContainText('<b>x</b><script>document.title=1</script> tak <i>');
  await expect(page.locator('main :is(img, b, i, script)')).toHaveCount(0);
  await expect(titles(page)).toHaveAttribute('href', /^\/d\/1/);
});

test('when the server fails, the page says so and tries again', async ({ page }) => {
  const refused = { success: false, error: 'no', code: 'unavailable', details: {}, request_id: 'x' };
  await page.route('**/api/search?*', (route) => route.fulfill({ status: 503, json: refused }));
  await page.route('**/api/search/suggest?*', (route) => route.fulfill({ status: 500, json: refused }));
  const box = await new SearchBox(page).open('/');
  await box.field.pressSequentially('łazienka');
  await page.waitForResponse(/suggest/);
  await box.field.press('Enter');
  await expect(page.getByRole('alert')).toHaveText(/chwilowo niedostępny/);
  await page.unroute('**/api/search?*');
  await page.getByRole('button', { name: 'Spróbuj ponownie' }).click();
  await expect(titles(page).first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('results are filtered by their kind, and from one kind to another', async ({ page }) => {
  await page.goto('/search?q=mieszkanie');
  const kinds = page.getByRole('navigation', { name: 'Rodzaj wyników' });
  const questions = kinds.getByRole('link', { name: /Pytania i odpowiedzi/ });
  const count = Number(/\d+/.exec(await questions.innerText())?.[0]);
  await questions.click();
  await expect(page).toHaveURL(/type=faq/);
  await expect(questions).toHaveAttribute('aria-current', 'page');
  await expect(page.getByText(`Znalezione: ${count}`)).toBeVisible();
  await expect(page.locator('main ol .kind').filter({ hasNotText: 'Pytania i odpowiedzi' })).toHaveCount(0);
  await kinds.getByRole('link', { name: /O firmie/ }).click();
  await expect(page).toHaveURL(/type=page/);
  await kinds.getByRole('link', { name: 'Wszystko' }).click();
  await expect(page).not.toHaveURL(/type=/);
});

test('more results are added to those that are there, each once', async ({ page }) => {
  await page.goto('/search?q=mieszkanie');
  await expect(titles(page)).toHaveCount(10);
  await page.getByRole('button', { name: 'Pokaż więcej' }).click();
  await expect(titles(page).nth(10)).toBeFocused();
  const links = await titles(page).evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  expect(links.length).toBeGreaterThan(10);
  expect(new Set(links).size).toBe(links.length);
});

test('a misspelt word is found, and its right spelling offered', async ({ page }) => {
  await page.goto('/search?q=gwarrancja');
  await expect(titles(page).first()).toBeVisible();
  await page.getByText('Czy chodziło o').getByRole('link').click();
  await expect(page).toHaveURL((url) => /^gwarancj/.test(url.searchParams.get('q') ?? ''));
  await expect(page.getByText('Czy chodziło o')).toHaveCount(0);
});

test('what is not found leads to the chat', async ({ page }) => {
  await page.goto('/search?q=qwzxqwzx&lang=en');
  await expect(page.getByText('We found nothing for “qwzxqwzx”.')).toBeVisible();
  await page.getByRole('link', { name: 'Ask in the chat' }).click();
  await expect(page).toHaveURL(/\/chat\?lang=en/);
});

test('without a question the page asks for one, and a document that is not there says so', async ({ page }) => {
  await page.goto('/search?q=%20&lang=de');
  await expect(page.getByRole('heading', { name: 'Suche', exact: true })).toBeVisible();
  await expect(page.getByText('Wonach suchen Sie?')).toBeVisible();
  for (const id of ['999999', 'x']) {
    await page.goto(`/d/${id}?lang=de`);
    await expect(page.getByRole('heading', { name: 'Diese Seite gibt es nicht' })).toBeVisible();
    await expect(page.locator('meta[name="robots"]')).toHaveAttribute('content', 'noindex');
  }
});

test('the results follow the language switch', async ({ page }) => {
  await page.goto('/search?q=luxury&lang=pl');
  await expect(page.locator('main ol > li[lang="pl"]').first()).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Results for “luxury”');
  await expect(page.locator('main ol > li[lang="en"]').first()).toBeVisible();
  await expect(page.locator('main ol > li[lang="pl"]')).toHaveCount(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });

  test('box, suggestions and results fit, and a finger hits them', async ({ page }) => {
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    const box = await new SearchBox(page).open('/');
    await box.type('łazience');
    expect(await fits()).toBe(true);
    for (const target of [box.field, ...(await box.options.all())]) expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await box.options.first().tap();
    await expect(titles(page).first()).toBeVisible();
    expect(await fits()).toBe(true);
    for (const link of [...(await titles(page).all()), ...(await page.locator('main nav a').all())]) {
      expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });
});

test('an answer of the assistant shows what it is from, as a link to the document', async ({ page, context }) => {
  const chat = await new ChatPage(page).open('pl');
  await chat.ask('Jaka jest gwarancja?');
  const card = chat.log.getByRole('list', { name: 'Więcej na ten temat' }).getByRole('link').first();
  await expect(card).toContainText('Pytania i odpowiedzi');
  const title = (await card.innerText()).split('\n').at(-1) ?? '';
  const opened = context.waitForEvent('page');
  await card.click();
  await expect((await opened).getByRole('heading', { level: 1 })).toHaveText(title);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a form finds, and what is found can be read', async ({ page }) => {
    for (const path of ['/', '/search', '/no-such-page']) {
      await page.goto(path);
      const field = page.getByLabel('Szukaj · Search · Suche');
      await field.fill('lazience');
      await field.press('Enter');
      await expect(page).toHaveURL(/\/search\/plain\?q=lazience$/);
    }
    const found = page.locator('details').filter({ hasText: /łazien/i }).first();
    await expect(found.locator('p').first()).toBeHidden();
    await found.locator('summary').click();
    await expect(found.locator('p').first()).toBeVisible();
    await page.goto('/search/plain?q=%3Cqwzxqwzx%3E');
    await expect(page.locator('p').last()).toContainText('Nic nie znaleźliśmy.');
    await expect(page.locator('qwzxqwzx')).toHaveCount(0);
  });
});
