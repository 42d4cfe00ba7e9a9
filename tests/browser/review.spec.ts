import { expect, setUpOwner, test } from './support/fixtures';
import { TestServer } from './support/server';

/** What is learned stays, so the test has its own server. */
const own = test.extend<{ mine: TestServer }>({
  mine: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.dispose();
  },
});

own('what was asked in vain is shown to the assistant, and a report tells what became better and worse', async ({ page, mine }) => {
  own.slow();
  await setUpOwner(page, mine);
  const ask = async (message: string): Promise<string> => {
    const answer = await page.request.post(`${mine.url}/api/chatbot/chat`, { data: { message, lang: 'en' }, headers: { origin: mine.url } });
    return ((await answer.json()) as { intent: string }).intent;
  };
  for (const question of ['zzyzx garply waldo?', 'ZZYZX garply waldo', 'quux frobnicate']) expect(await ask(question)).toBe('out_of_scope');

  await page.getByRole('navigation').getByRole('link', { name: 'Training' }).click();
  await expect(page.getByRole('heading', { name: 'Training' })).toBeFocused();
  const groups = page.getByRole('article');
  await expect(groups).toHaveCount(2);
  await expect(groups.first()).toContainText('2×');
  await groups.last().getByRole('button', { name: 'Ignore' }).click();
  await expect(groups).toHaveCount(1);

  await groups.first().getByText('Improve the sentence').click();
  await groups.first().getByLabel('Sentence to learn').fill('zzyzx garply waldo');
  await groups.first().getByLabel('Another subject…').selectOption({ label: 'Warranty' });
  await groups.first().getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('There are no unanswered questions.')).toBeVisible();
  await page.getByRole('button', { name: 'Train now' }).click();
  await expect(page.getByText(/Version 2 answers now|the same version answers/)).toBeVisible({ timeout: 90_000 });
  const newest = page.getByRole('region', { name: 'Versions' }).getByRole('listitem').first();
  await expect(newest).toContainText('Version 2');
  await expect(newest).toContainText(/\d+ better, \d+ worse/);
  expect(await ask('zzyzx garply waldo?')).toBe('warranty');
});
