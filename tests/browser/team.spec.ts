import type { Page } from '@playwright/test';
import { expect, own, OWNER, setUpOwner } from './support/fixtures';

const conversations = (page: Page) => page.locator('#list li a');

own('the set-up link makes the owner once; then one signs in and out', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  expect(page.url()).not.toContain('setup');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await page.goto('about:blank');
  await page.goto(`${mine.url}/admin?lang=en${new URL(mine.setupLink).hash}`);
  await page.getByLabel('Username').fill('eve');
  await page.getByLabel('E-mail').fill('eve@example.com');
  await page.getByLabel('Password').fill('another long passphrase');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toContainText('no longer works');
  await page.getByRole('button', { name: 'Sign in' }).click();

  await page.getByLabel('Username').fill(OWNER.username);
  await page.getByLabel('Password').fill('not the passphrase');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
});

own('a new conversation appears by itself; a person takes it over, the bot is silent, and it is handed back', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('How much does it cost?');
  await expect(conversations(page)).toHaveCount(1);
  await expect(conversations(page)).toContainText('Assistant answers');
  await conversations(page).click();
  await expect(page.getByRole('log')).toContainText('How much does it cost?');

  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByRole('button', { name: 'Hand back' })).toBeVisible();
  const who = visitor.page.locator('header .who').last();
  await expect(who).toContainText(OWNER.username);
  await visitor.page.reload();
  await expect(who).toContainText(OWNER.username);
  await visitor.online();
  await page.getByLabel('Reply', { exact: true }).fill('Hello, this is Ola from the team.');
  await expect(visitor.page.getByText(/is writing/)).toBeVisible();
  await page.getByLabel('Reply', { exact: true }).press('Enter');
  await expect(visitor.log.locator('article.agent .bubble')).toHaveText(['Hello, this is Ola from the team.']);
  await expect(who).toContainText(OWNER.username);

  await visitor.say('How long does it take?');
  await expect(page.getByRole('log')).toContainText('How long does it take?');
  await page.getByLabel('Reply', { exact: true }).fill('At least six weeks.');
  await page.getByLabel('Reply', { exact: true }).press('Enter');
  await expect(visitor.log.locator('article.agent .bubble').last()).toHaveText('At least six weeks.');
  // The agent's answer came after the question, so a bot answer would stand between them.
  await expect(visitor.answers).toHaveCount(1);

  await page.getByRole('button', { name: 'Hand back' }).click();
  await expect(page.getByRole('button', { name: 'Take over' })).toBeVisible();
  await expect(who).toContainText('Automatic assistant');
  await visitor.ask('What is the warranty?');
  await expect(visitor.answers).toHaveCount(2);

  await page.getByRole('button', { name: 'Close conversation' }).click();
  await expect(page.getByRole('button', { name: 'Close conversation' })).toHaveCount(0);
});

own('who asks for a person waits on top of the list, and the title counts', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('How much does it cost?');
  await expect(conversations(page)).toHaveCount(1);
  await visitor.page.getByRole('button', { name: 'Talk to a person' }).first().click();
  await expect(visitor.page.locator('header .who').last()).toContainText('Waiting for a team member');
  await expect(conversations(page).first()).toContainText('Waiting for a person');
  await expect(conversations(page).first()).toContainText('Unread');
  await expect(page).toHaveTitle(/^\(1\)/);
  await conversations(page).first().click();
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page).not.toHaveTitle(/^\(/);
});

own('the team sees the visitor write, also after the server was restarted', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('How much does it cost?');
  await conversations(page).click();
  await expect(page.getByRole('log')).toContainText('How much does it cost?');
  await mine.kill();
  await expect(page.getByText('Reconnecting')).toBeVisible();
  await mine.again();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await visitor.online();
  await visitor.field.fill('I am wri');
  await expect(page.getByText('The visitor is writing')).toBeVisible();
  await visitor.say('I am writing again');
  await expect(page.getByRole('log')).toContainText('I am writing again');
});

own('a word the visitor said finds the conversation', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('Do you install herringbone parquet in Sopot?');
  await expect(conversations(page)).toHaveCount(1);
  await page.getByLabel('Search conversations').fill('zzzz-nothing');
  await expect(conversations(page)).toHaveCount(0);
  await page.getByLabel('Search conversations').fill('herringbone');
  await expect(conversations(page)).toHaveCount(1);
});

own('what the owner saves in the settings is what the next visitor sees', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Own colour').check();
  await page.getByLabel('Colour', { exact: false }).last().fill('#c2410c');
  await page.getByLabel('Deutsch').uncheck();
  await page.getByLabel('Title above the chat').nth(1).fill('Ask us anything');
  await page.getByLabel('Greeting').nth(1).fill('Hello from {{ company }}!');
  await page.getByLabel('E-mail addresses').fill('office@example.com');
  await page.getByLabel('Chat messages').fill('12');
  await page.getByLabel('Weekly report by e-mail').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toContainText('Saved');

  await visitor.page.reload();
  await expect(visitor.page.getByRole('heading', { name: 'Ask us anything' })).toBeVisible();
  await expect(visitor.log).toContainText('Hello from NovaHouse!');
  await expect(visitor.page.getByRole('button', { name: 'Deutsch' })).toHaveCount(0);
  await visitor.say('How much does it cost?');
  await expect(visitor.log.locator('article.user .bubble')).toHaveCSS('background-color', 'rgb(194, 65, 12)');

  await page.reload();
  await expect(page.getByLabel('Title above the chat').nth(1)).toHaveValue('Ask us anything');
  await expect(page.getByLabel('Chat messages')).toHaveValue('12');
  await expect(page.getByLabel('Weekly report by e-mail')).not.toBeChecked();
  await page.getByRole('textbox', { name: 'Monday' }).fill('nine to five');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('nine to five');
  await page.getByRole('link', { name: 'To the conversations' }).click();
  await expect(conversations(page)).toHaveCount(1);
});

own('the settings are the owner’s alone', async ({ page, mine, browser }) => {
  await setUpOwner(page, mine);
  const member = { username: 'piotr', email: 'piotr@example.com', password: 'a rather long passphrase', role: 'agent' };
  const status = await page.evaluate(async (body) => {
    const answer = await fetch('/api/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return answer.status;
  }, member);
  expect(status).toBe(201);
  const context = await browser.newContext();
  const agent = await context.newPage();
  await agent.goto(`${mine.url}/admin?lang=en#settings`);
  await agent.getByLabel('Username').fill(member.username);
  await agent.getByLabel('Password').fill(member.password);
  await agent.getByRole('button', { name: 'Sign in' }).click();
  await expect(agent.getByText('Live', { exact: true })).toBeVisible();
  await expect(agent.getByRole('link', { name: 'Settings' })).toHaveCount(0);
  await context.close();
});

own('a note is between the team, and a canned answer is inserted with the keyboard and sent', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await page.getByRole('link', { name: 'Canned answers' }).click();
  await page.getByLabel('Title').fill('Phone number');
  await page.getByLabel('Language').last().selectOption('en');
  await page.getByLabel('Text', { exact: true }).fill('Call us: {{ fone }}');
  await page.getByLabel(/Keywords/).fill('viewing, visit');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('alert').filter({ hasText: 'Unknown field' })).toBeVisible();
  await page.getByLabel('Text', { exact: true }).fill('Call us: {{ phone }}');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the list' }).click();

  await visitor.ask('How much does it cost?');
  await conversations(page).click();
  const log = page.getByRole('log');
  await expect(log).toContainText('How much does it cost?');
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await page.getByLabel('Note', { exact: true }).fill('She has called before.');
  await page.getByLabel('Note', { exact: true }).press('Enter');
  await expect(log).toContainText('She has called before.');
  await expect(conversations(page)).toContainText('Assistant answers');

  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  const reply = page.getByLabel('Reply', { exact: true });
  await reply.press('/');
  const picker = page.getByRole('combobox', { name: 'Search canned answers' });
  const found = page.getByRole('listbox', { name: 'Canned answers' }).getByRole('option');
  await expect(found).toHaveCount(1);
  await picker.fill('zzz');
  await expect(found).toHaveCount(0);
  await picker.fill('pho num');
  await expect(found).toHaveCount(1);
  await picker.press('Enter');
  await expect(reply).toBeFocused();
  await expect(reply).toHaveValue(/^Call us: \+?[\d ]+$/);
  await reply.press('Enter');
  await expect(visitor.log.locator('article.agent .bubble')).toContainText('Call us');
  await expect(visitor.log).not.toContainText('called before');
});

own('what the team could answer is offered, and a tap only writes it into the field', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  await visitor.ask('What is the warranty?');
  await conversations(page).click();
  const offered = page.getByRole('group', { name: 'Suggested replies' }).getByRole('button');
  await expect(offered.first()).toContainText('36');
  await offered.first().click();
  await expect(page.getByLabel('Reply', { exact: true })).toHaveValue(/36/);
  await expect(visitor.log.locator('article.agent')).toHaveCount(0);
});

own('a conversation is passed on to the queue and to a colleague', async ({ page, mine, visitor }) => {
  await setUpOwner(page, mine);
  const colleague = { username: 'jan', email: 'jan@example.com', password: 'another long passphrase', display_name: 'Jan', role: 'agent' };
  const made = await page.request.post(`${mine.url}/api/users`, { data: colleague, headers: { origin: mine.url } });
  expect(made.status()).toBe(201);
  await page.reload();
  await visitor.ask('How much does it cost?');
  await conversations(page).click();
  const pass = page.getByLabel('Pass the conversation on');
  await pass.selectOption({ label: 'Jan' });
  await expect(conversations(page)).toContainText('With Jan');
  await expect(visitor.page.locator('header .who').last()).toContainText('Jan');
  await pass.selectOption({ label: 'To the queue' });
  await expect(conversations(page)).toContainText('Waiting for a person');
});

own('the owner sets how long visitors may wait', async ({ page, mine }) => {
  await setUpOwner(page, mine);
  await page.getByRole('link', { name: 'Canned answers' }).click();
  const field = page.getByLabel(/Alarm when a visitor waits/);
  await expect(field).toHaveValue('5');
  await field.fill('2');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await expect(page.getByText('It takes effect within a minute.')).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue('2');
});
