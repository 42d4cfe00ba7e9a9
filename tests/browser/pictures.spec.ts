import type { Locator, Page } from '@playwright/test';
import { ChatPage, expect, noViolations, own, setUpOwner, test } from './support/fixtures';
import { BMP, drop, HEIC, look, noise, redAndBlue, transfer, turned } from './support/pictures';

const SENT = '/api/chatbot/attachments';
/** What is seen of {@link redAndBlue} when it is turned by a quarter, as orientation 6 asks. */
const UPRIGHT = { shape: 'tall', top: 'red', bottom: 'blue', left: 'red', right: 'red' };

const zone = (page: Page): Locator => page.locator('section.chat');
const pictures = (within: Page | Locator): Locator => within.getByRole('log').locator('.frame img:not([aria-hidden])');
const jpeg = (name: string, bytes: Buffer) => ({ name, type: 'image/jpeg', bytes });

own('a photo held upright stands upright for the visitor, after a reload and for the team, and for nobody else', async ({ page, mine, visitor, browser }) => {
  await setUpOwner(page, mine);
  const photo = turned(await redAndBlue(visitor.page, 1200, 600), 6);
  const stored = visitor.page.waitForResponse((answer) => new URL(answer.url()).pathname === SENT);
  await drop(zone(visitor.page), jpeg('bathroom.jpg', photo));
  await expect(visitor.log.getByRole('button', { name: 'Picture sent by you: bathroom.jpg' })).toBeVisible();
  const [{ medium }] = (await (await stored).json()).message.attachments;
  await expect(pictures(visitor.page)).toHaveCount(1);
  expect(await look(pictures(visitor.page))).toEqual(UPRIGHT);

  await visitor.page.reload();
  await visitor.online();
  await expect(pictures(visitor.page)).toBeVisible();
  expect(await look(pictures(visitor.page))).toEqual(UPRIGHT);

  await page.locator('#list li a').click();
  await expect(pictures(page)).toBeVisible();
  expect(await look(pictures(page))).toEqual(UPRIGHT);
  await expect(page.getByRole('button', { name: 'Picture from Visitor: bathroom.jpg' })).toBeVisible();

  const context = await browser.newContext();
  const stranger = await new ChatPage(await context.newPage());
  await stranger.page.goto(`${mine.url}/chat?lang=en`);
  await stranger.online();
  await stranger.ask('How much does it cost?');
  const status = await stranger.page.evaluate(async (path) => {
    const { session_id } = JSON.parse(localStorage.getItem('novahouse.session') ?? '{}') as { session_id: string };
    return (await fetch(path, { headers: { 'x-session-id': session_id } })).status;
  }, medium);
  expect(status).toBe(404);
  await context.close();
});

own('the team’s picture reaches the visitor; it is enlarged and put away with the keyboard', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('What does your work look like?');
  await page.locator('#list li a').click();
  const photo = turned(await redAndBlue(page, 1200, 600), 6);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach a picture' }).click();
  await (await chooser).setFiles({ name: 'kitchen.jpg', mimeType: 'image/jpeg', buffer: photo });
  await expect(pictures(page)).toBeVisible();
  await expect(page.locator('#list li a')).toContainText('kitchen.jpg');

  const shown = visitor.log.locator('article.agent').getByRole('button', { name: /^Picture from .+: kitchen\.jpg$/ });
  await expect(pictures(visitor.page)).toBeVisible();
  expect(await look(pictures(visitor.page))).toEqual(UPRIGHT);
  await noViolations(visitor.page);
  await noViolations(page);

  await shown.focus();
  await shown.press('Enter');
  const enlarged = visitor.page.getByRole('dialog', { name: /kitchen\.jpg/ });
  await expect(enlarged).toBeVisible();
  expect(await look(enlarged.getByRole('img'))).toEqual(UPRIGHT);
  await noViolations(visitor.page);
  await visitor.page.keyboard.press('Escape');
  await expect(enlarged).toHaveCount(0);
  await expect(shown).toBeFocused();
});

test('how far a picture has come is shown while it is sent', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  const photo = await noise(page, 900);
  const network = await page.context().newCDPSession(page);
  const throttle = (uploadThroughput: number) =>
    network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await throttle(60_000);
  await drop(zone(page), jpeg('wall.jpg', photo));
  const progress = page.getByRole('progressbar', { name: 'Sending wall.jpg' });
  await expect.poll(() => progress.evaluate((bar) => (bar as HTMLProgressElement).value)).toBeGreaterThan(0.05);
  await expect(chat.log.getByRole('img', { name: /wall\.jpg/ })).toBeVisible();
  await noViolations(page);
  await throttle(-1);
  await expect(progress).toHaveCount(0);
  await expect(chat.log.locator('article.user time')).toBeVisible();
});

test('a picture that is called back is not sent', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  await page.route(`**${SENT}`, () => {});
  await drop(zone(page), jpeg('wall.jpg', await redAndBlue(page, 400, 200)));
  const aborted = page.waitForEvent('requestfailed', (request) => request.url().endsWith(SENT));
  await expect(page.getByRole('progressbar')).toBeVisible();
  const stop = page.getByRole('button', { name: 'Stop sending' });
  await stop.click();
  await aborted;
  await expect(chat.own).toHaveCount(0);
});

const REFUSALS = [
  { lang: 'pl', text: 'To nie wygląda na zdjęcie. Wyślij plik JPEG, PNG, GIF lub WebP.', damaged: 'plik jest chyba uszkodzony', heic: 'Ustawienia → Aparat → Formaty', remove: 'Usuń' },
  { lang: 'en', text: 'This does not look like a picture. Please send a JPEG, PNG, GIF or WebP file.', damaged: 'seems to be damaged', heic: 'Settings → Camera → Formats', remove: 'Remove' },
  { lang: 'de', text: 'Das sieht nicht nach einem Bild aus. Bitte senden Sie eine Datei als JPEG, PNG, GIF oder WebP.', damaged: 'wohl beschädigt', heic: 'Einstellungen → Kamera → Formate', remove: 'Entfernen' },
] as const;

for (const { lang, text, damaged, heic, remove } of REFUSALS) {
  test(`what is not taken is said in ${lang}, by the page or by the server`, async ({ page }) => {
    const chat = await new ChatPage(page).open(lang);
    let sent = 0;
    page.on('request', (request) => (sent += Number(request.url().endsWith(SENT))));
    await drop(zone(page), jpeg('invoice.jpg', Buffer.from('This is a letter.')));
    await expect(chat.log.locator('article.user').last()).toContainText(text);
    await drop(zone(page), { name: 'IMG_0001.HEIC', type: '', bytes: HEIC });
    await expect(chat.log.locator('article.user').last()).toContainText(heic);
    expect(sent).toBe(0);

    const whole = await redAndBlue(page, 400, 200);
    await drop(zone(page), jpeg('half.jpg', whole.subarray(0, whole.length / 2)));
    await expect(chat.log.locator('article.user').last()).toContainText(damaged);
    expect(sent).toBe(1);
    await noViolations(page);

    await expect(chat.own).toHaveCount(3);
    await chat.log.getByRole('button', { name: remove, exact: true }).first().click();
    await expect(chat.own).toHaveCount(2);
  });
}

test('what the network lost is sent again on request, and stored once', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  // The server has it, the answer got lost.
  await page.route(`**${SENT}`, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await drop(zone(page), jpeg('floor.jpg', await redAndBlue(page, 400, 200)));
  const stored = chat.log.locator('article.user time');
  await expect(stored).toHaveCount(1);
  await page.reload();
  await chat.online();
  await expect(pictures(page)).toHaveCount(1);

  await page.route(`**${SENT}`, (route) => route.abort(), { times: 1 });
  await drop(zone(page), jpeg('door.jpg', await redAndBlue(page, 400, 200)));
  await expect(chat.log.locator('article.user').last()).toContainText('The server cannot be reached');
  await page.getByRole('button', { name: 'Send again' }).click();
  await expect(stored).toHaveCount(2);
  await expect(pictures(page)).toHaveCount(2);
});

test('a picture is pasted, and one that is too large for the server is made smaller here', async ({ page }) => {
  await new ChatPage(page).open('en');
  const stored = page.waitForResponse((answer) => new URL(answer.url()).pathname === SENT);
  const clipboardData = await transfer(page, [{ name: 'image.png', type: 'image/png', bytes: await redAndBlue(page, 6000, 300, 'image/png') }]);
  await page.getByLabel('Message', { exact: true }).evaluate(
    (field, data) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })),
    clipboardData,
  );
  const [picture] = (await (await stored).json()).message.attachments;
  expect(picture).toMatchObject({ width: 4096, height: 205, content_type: 'image/jpeg', filename: 'image.jpg' });
  expect(await look(pictures(page))).toMatchObject({ shape: 'wide', left: 'red', right: 'blue' });
});

test('several pictures of a kind the browser knows and the server does not are sent one after the other, as JPEG', async ({ page }) => {
  const chat = await new ChatPage(page).open('en');
  await drop(zone(page), { name: 'first.bmp', type: 'image/bmp', bytes: BMP }, jpeg('second.jpg', await redAndBlue(page, 400, 200)));
  await expect(pictures(page)).toHaveCount(2);
  const first = chat.log.locator('article.user').first();
  await expect(first.getByRole('button', { name: 'Picture sent by you: first.jpg' })).toBeVisible();
});

own('a project’s pictures stand upright on its card in the chat and on its page, each with a name and a larger form', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  const bytes = turned(await redAndBlue(page, 1200, 600), 6).toString('base64');
  const status = await page.evaluate(async (base64) => {
    const send = async (): Promise<number> => {
      const form = new FormData();
      form.append('file', new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'attic.jpg', { type: 'image/jpeg' }));
      return (await (await fetch('/api/upload/image', { method: 'POST', body: form })).json()).data.metadata.id as number;
    };
    const document = { type: 'portfolio', slug: 'attic', lang: 'en', title: 'Attic with oak stairs', body: 'An attic of 80 m².', fields: { intent: 'portfolio' } };
    const body = JSON.stringify({ ...document, position: -1, pictures: [await send(), await send()] });
    return (await fetch('/api/knowledge/documents', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  }, bytes);
  expect(status).toBe(201);

  await visitor.ask('Can I see your projects?');
  const card = visitor.log.getByRole('link', { name: 'Attic with oak stairs' });
  expect(await look(card.locator('img'))).toEqual(UPRIGHT);
  const opened = visitor.page.waitForEvent('popup');
  await card.click();
  const projectPage = await opened;
  const second = projectPage.getByRole('img', { name: 'Attic with oak stairs, picture 2 of 2' });
  await second.scrollIntoViewIfNeeded();
  expect(await look(second)).toEqual(UPRIGHT);
  await noViolations(projectPage);
  const large = await projectPage.locator('article a:has(img)').first().getAttribute('href');
  expect((await projectPage.request.get(`${mine.url}${large}`)).headers()['content-type']).toBe('image/jpeg');
});
