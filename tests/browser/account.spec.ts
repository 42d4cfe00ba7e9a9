import type { Locator, Page } from '@playwright/test';
import decodeQR from 'qr/decode.js';
import { expect, OWNER, setUpOwner, test } from './support/fixtures';
import { TestServer } from './support/server';
import { totp } from './support/totp';

/** Each test changes the owner's account, so each has its own server. */
const own = test.extend<{ mine: TestServer }>({
  mine: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.dispose();
  },
});

const section = (page: Page, title: string): Locator => page.getByRole('region', { name: title });
const live = (page: Page): Locator => page.getByText('Live', { exact: true });

async function openAccount(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'My account' }).click();
  await expect(page.getByRole('heading', { name: 'My account' })).toBeFocused();
}

async function fillLogin(page: Page, password: string): Promise<void> {
  await page.getByLabel('Username').fill(OWNER.username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signIn(page: Page, server: TestServer, password: string): Promise<void> {
  await page.goto(`${server.url}/admin?lang=en`);
  await fillLogin(page, password);
}

/** What a phone's camera reads from a QR code on the screen. */
async function scan(code: Locator): Promise<string> {
  const png = (await code.screenshot()).toString('base64');
  const picture = await code.page().evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    return { width: image.width, height: image.height, data: Array.from(pixels) };
  }, png);
  return decodeQR({ ...picture, data: Uint8Array.from(picture.data) });
}

own('a second factor is set up with the QR code, asked for at sign-in, and switched off with the password', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  await openAccount(page);
  const factor = section(page, 'Sign-in with a code');
  await factor.getByRole('button', { name: 'Set up codes' }).click();
  const url = new URL(await scan(factor.getByRole('img', { name: 'QR code' })));
  expect([url.protocol, url.searchParams.get('issuer')]).toEqual(['otpauth:', 'NovaHouse']);
  const secret = url.searchParams.get('secret') ?? '';
  expect((await factor.locator('.secret').innerText()).replaceAll(' ', '')).toBe(secret);

  const code = factor.getByLabel('Enter the code your app shows now');
  await expect(code).toBeFocused();
  await code.fill('000000');
  await factor.getByRole('button', { name: 'Confirm' }).click();
  await expect(factor.getByRole('alert')).toContainText('does not fit');
  const now = totp(secret, -1);
  await code.fill(`${now.slice(0, 3)} ${now.slice(3)}`);
  await factor.getByRole('button', { name: 'Confirm' }).click();
  await expect(factor.getByRole('status')).toContainText('From now on');
  await expect(factor.getByRole('img')).toHaveCount(0);

  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await fillLogin(page, OWNER.password);
  const asked = page.getByLabel(/Code from your app/);
  await expect(asked).toBeFocused();
  await asked.fill('000000');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('does not fit');
  await asked.fill(totp(secret));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(live(page)).toBeVisible();

  await openAccount(page);
  await factor.getByLabel('Current password').fill('not the passphrase');
  await factor.getByRole('button', { name: 'Switch codes off' }).click();
  await expect(factor.getByRole('alert')).toContainText('not the current password');
  await factor.getByLabel('Current password').fill(OWNER.password);
  await factor.getByRole('button', { name: 'Switch codes off' }).click();
  await expect(factor.getByRole('status')).toContainText('Codes are off');
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await fillLogin(page, OWNER.password);
  await expect(live(page)).toBeVisible();
});

own('a set-up that was broken off leaves the account as it was', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  await openAccount(page);
  const factor = section(page, 'Sign-in with a code');
  await factor.getByRole('button', { name: 'Set up codes' }).click();
  await factor.getByRole('button', { name: 'Cancel' }).click();
  await expect(factor.getByRole('button', { name: 'Set up codes' })).toBeVisible();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await fillLogin(page, OWNER.password);
  await expect(live(page)).toBeVisible();
});

own('a browser is signed out from another one, and a new password signs out all others', async ({ page, browser, mine }) => {
  await setUpOwner(page, mine);
  const other = await (await browser.newContext()).newPage();
  await signIn(other, mine, OWNER.password);
  await expect(live(other)).toBeVisible();

  await openAccount(page);
  const sessions = section(page, 'Signed-in browsers');
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  await expect(sessions.getByText('this browser')).toHaveCount(1);
  await sessions.getByRole('button', { name: /^Sign out:/ }).click();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await other.reload();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await fillLogin(other, OWNER.password);
  await openAccount(other);

  const password = section(page, 'Password');
  await password.getByLabel('Current password').fill('not the passphrase');
  await password.getByLabel('New password').fill('quite another passphrase');
  await password.getByRole('button', { name: 'Change password' }).click();
  await expect(password.getByRole('alert')).toContainText('not the current password');
  await password.getByLabel('Current password').fill(OWNER.password);
  await password.getByRole('button', { name: 'Change password' }).click();
  await expect(password.getByRole('status')).toContainText('Password changed');
  await expect(sessions.getByRole('listitem')).toHaveCount(1);

  // The other browser learns it with the next thing it does.
  await section(other, 'Sign-in with a code').getByRole('button', { name: 'Set up codes' }).click();
  await expect(other.getByText('Your session has ended')).toBeVisible();
  await fillLogin(other, OWNER.password);
  await expect(other.getByRole('alert')).toBeVisible();
  await fillLogin(other, 'quite another passphrase');
  await expect(live(other)).toBeVisible();
});

own('an API key is shown once, works, and works no more when it is revoked', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  await openAccount(page);
  const keys = section(page, 'API keys');
  await expect(keys.getByText('There are no keys yet.')).toBeVisible();
  await keys.getByLabel('What it is for').fill('CRM');
  await keys.getByLabel('Valid until').fill('2020-01-31');
  await keys.getByRole('button', { name: 'Create key' }).click();
  await expect(keys.getByRole('alert')).toContainText('This day has passed');
  await keys.getByLabel('Valid until').fill('2099-01-31');
  await keys.getByRole('button', { name: 'Create key' }).click();
  const fresh = keys.getByLabel('Your new key');
  const key = await fresh.inputValue();
  const status = async (): Promise<number> => (await fetch(`${mine.url}/api/conversations`, { headers: { 'x-api-key': key } })).status;
  expect(await status()).toBe(200);

  await page.reload();
  await expect(keys.getByRole('listitem')).toContainText(['CRM']);
  await expect(keys.getByRole('listitem')).toContainText(['2099']);
  await expect(fresh).toHaveCount(0);
  await keys.getByRole('button', { name: 'Revoke the key CRM' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(keys.getByRole('status')).toContainText('no longer works');
  expect(await status()).toBe(401);
});

own('an agent finds no API keys on the account page, which speaks Polish and German as well', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  const made = await page.evaluate(async () => {
    const body = JSON.stringify({ username: 'jan', email: 'jan@example.com', password: 'a long enough passphrase', role: 'agent' });
    return (await fetch('/api/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  });
  expect(made).toBe(201);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Username').fill('jan');
  await page.getByLabel('Password').fill('a long enough passphrase');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await openAccount(page);
  for (const [language, titles] of [
    ['Polski', ['Logowanie z kodem', 'Hasło', 'Zalogowane przeglądarki']],
    ['Deutsch', ['Anmeldung mit Code', 'Passwort', 'Angemeldete Browser']],
  ] as const) {
    await page.getByRole('button', { name: language }).click();
    await expect(page.getByRole('heading', { level: 2 })).toHaveText([...titles]);
  }
});
