import type { Page } from '@playwright/test';
import ICAL from 'ical.js';
import { expect, noViolations, NOTHING_STORED, stored, test as base } from './support/fixtures';
import { MailServer, type Letter } from './support/mail';
import { TestServer } from './support/server';

const CLIENT = 'anna@example.com';

/** A server of its own for each test, whose letters are read. */
const test = base.extend<{ mail: MailServer; mine: TestServer }>({
  mail: async ({}, use) => {
    const mail = await MailServer.start();
    await use(mail);
    mail.stop();
  },
  mine: async ({ mail }, use) => {
    const server = await TestServer.start(mail.environment);
    await use(server);
    await server.dispose();
  },
});

/** The calendar file of a letter, as a calendar reads it. */
function invitation(letter: Letter) {
  const calendar = new ICAL.Component(ICAL.parse(letter.event ?? ''));
  const events = calendar.getAllSubcomponents('vevent');
  expect(events).toHaveLength(1);
  const event = new ICAL.Event(events[0]);
  return {
    method: calendar.getFirstPropertyValue('method'),
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().getTime(),
    minutes: (event.endDate.toJSDate().getTime() - event.startDate.toJSDate().getTime()) / 60_000,
    summary: event.summary,
  };
}

/** The link of a letter that leads to the visit's page, on the server's own address. */
function linkIn(letter: Letter, server: TestServer): string {
  const path = /\/booking\/[\w-]+/.exec(letter.text)?.[0];
  expect(path, letter.text).toBeTruthy();
  return server.url + path;
}

const times = (page: Page) => page.locator('.times a');

/** Goes two weeks ahead, beyond every notice, and follows the first time there. */
async function chooseTime(page: Page, later: string): Promise<void> {
  for (let week = 0; week < 2; week += 1) await page.getByRole('link', { name: later }).click();
  await times(page).first().click();
}

async function fillIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('Anna Kwiatkowska');
  await page.getByRole('textbox', { name: 'E-mail' }).fill(CLIENT);
  await page.getByLabel('Phone').fill('600 100 200');
}

test('one books, opens the letter’s link, moves the visit and cancels it, and the calendar follows', async ({ page, mine, mail }) => {
  await page.goto(`${mine.url}/?lang=en`);
  await page.getByRole('navigation').getByRole('link', { name: 'Book a visit' }).click();
  await chooseTime(page, 'Later');
  const when = await page.locator('.card strong').innerText();
  await fillIn(page);
  await page.getByRole('button', { name: 'Book this time' }).click();
  await expect(page.getByRole('status')).toContainText('your time is booked');
  await expect(page.getByText(when)).toBeVisible();
  expect(await stored(page)).toEqual(NOTHING_STORED);

  const confirmed = await mail.letter(CLIENT, 1);
  expect(confirmed.subject).toContain('Confirmed: ');
  const first = invitation(confirmed);
  expect(first).toMatchObject({ method: 'REQUEST', sequence: 0, minutes: 60 });

  await page.goto('about:blank');
  await page.goto(linkIn(confirmed, mine));
  await expect(page.locator('h1')).toHaveText('Państwa wizyta');
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.getByText(when)).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Add to your calendar' }).click()]);
  expect(file.suggestedFilename()).toBe('invite.ics');

  await page.getByRole('link', { name: 'Change the time' }).click();
  await page.getByRole('link', { name: 'Later' }).click();
  await times(page).last().click();
  const other = await page.locator('.facts dd').last().innerText();
  expect(other).not.toBe(when);
  await page.getByRole('button', { name: 'Yes, change it' }).click();
  await expect(page.getByRole('status')).toHaveText('The visit has a new time.');
  await expect(page.getByText(other)).toBeVisible();
  const moved = invitation(await mail.letter(CLIENT, 2));
  expect(moved).toMatchObject({ method: 'REQUEST', uid: first.uid, sequence: 1 });
  expect(moved.start).not.toBe(first.start);

  await page.getByRole('link', { name: 'Cancel the visit' }).click();
  await page.getByLabel('Why?').fill('We are away that week.');
  await page.getByRole('button', { name: 'Yes, cancel it' }).click();
  await expect(page.getByRole('status')).toHaveText('The visit is cancelled.');
  await expect(page.getByRole('link', { name: 'Book a new visit' })).toBeVisible();
  const off = invitation(await mail.letter(CLIENT, 3));
  expect(off).toMatchObject({ method: 'CANCEL', uid: first.uid, start: moved.start });
  expect(off.sequence).toBeGreaterThan(moved.sequence);

  await page.goto(linkIn(confirmed, mine));
  await expect(page.getByText('Ta wizyta jest odwołana.')).toBeVisible();
});

test('going back and sending the form again shows the same visit', async ({ page, mine, mail }) => {
  await page.goto(`${mine.url}/book?lang=en`);
  await chooseTime(page, 'Later');
  await fillIn(page);
  await page.getByRole('button', { name: 'Book this time' }).click();
  await expect(page.getByRole('status')).toContainText('your time is booked');
  const address = page.url();
  await page.goBack();
  await expect(page.getByLabel('Name')).toHaveValue('Anna Kwiatkowska');
  await page.getByRole('button', { name: 'Book this time' }).click();
  await expect(page.getByRole('status')).toContainText('your time is booked');
  expect(page.url()).toBe(address);
  await mail.letter(CLIENT, 1);
});

/** Tabs until what has the focus has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 150; i += 1) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate(() => {
      const e = document.activeElement as HTMLInputElement | null;
      return `${e?.textContent ?? ''} ${e?.labels?.[0]?.textContent ?? ''}`;
    });
    if (name.test(text)) return;
  }
  throw new Error(`Tab never reaches ${name}`);
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a visit is booked, and what is missing is said with links to the fields', async ({ page, mine, mail }) => {
    await page.goto(`${mine.url}/book?lang=en`);
    await chooseTime(page, 'Later');
    await page.getByLabel('Name').fill('Anna');
    await page.getByRole('button', { name: 'Book this time' }).click();
    const wrong = page.getByRole('alert');
    await expect(wrong).toContainText('enter your e-mail address');
    await expect(page.getByLabel('Name')).toHaveValue('Anna');
    await wrong.getByRole('link').first().click();
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeFocused();
    await fillIn(page);
    await page.getByRole('button', { name: 'Book this time' }).click();
    await expect(page.getByRole('status')).toContainText('your time is booked');
    await mail.letter(CLIENT, 1);
  });
});

test('a visit is booked and cancelled with the keyboard alone', async ({ page, mine, mail }) => {
  await page.goto(`${mine.url}/book?lang=en`);
  await tabTo(page, /Later/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Earlier' })).toBeVisible();
  await tabTo(page, /\d:\d\d\s*$/);
  await expect(page.locator(':focus')).toHaveCSS('outline-style', 'solid');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name')).toBeVisible();
  await tabTo(page, /^ ?Name/);
  await page.keyboard.type('Anna');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeFocused();
  await tabTo(page, /E-mail$/);
  await page.keyboard.type(CLIENT);
  await tabTo(page, /Phone$/);
  await page.keyboard.type('600 100 200');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toBeFocused();
  await mail.letter(CLIENT, 1);
  await tabTo(page, /Cancel the visit/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Yes, cancel it' })).toBeVisible();
  await tabTo(page, /Yes, cancel it/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('The visit is cancelled.');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`${colorScheme} pages`, () => {
    test.use({ colorScheme });

    test('every step of booking can be read by everyone', async ({ page, mine }) => {
      await page.goto(`${mine.url}/contact?lang=pl`);
      await noViolations(page);
      await page.getByRole('button', { name: 'Wyślij' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await noViolations(page);
      await page.goto(`${mine.url}/book?lang=en`);
      await noViolations(page);
      await chooseTime(page, 'Later');
      await noViolations(page);
      await page.getByRole('button', { name: 'Book this time' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await noViolations(page);
    });

    test('the pages of a visit can be read by everyone', async ({ page, mine }) => {
      await page.goto(`${mine.url}/book?lang=en`);
      await chooseTime(page, 'Later');
      await fillIn(page);
      await page.getByRole('button', { name: 'Book this time' }).click();
      await expect(page.getByRole('status')).toBeVisible();
      await noViolations(page);
      const visit = page.url().replace(/\?.*/, '');
      for (const change of ['time', 'cancel']) {
        await page.goto(`${visit}?lang=de&change=${change}`);
        await noViolations(page);
      }
      await page.goto(`${mine.url}/booking/forged?lang=de`);
      await expect(page.locator('h1')).toHaveText('Dieser Link funktioniert nicht');
      await noViolations(page);
    });
  });
}
