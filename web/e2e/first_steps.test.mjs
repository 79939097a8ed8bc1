// A newcomer on their own: from nothing to the first answer, with nothing explained.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { tokenFor } from './mailbox.mjs';
import { accessible, at, closeBrowser, enterPassword, PASSWORD, window } from './world.mjs';

const slug = `first-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const SUBJECT = 'Does anybody read this?';

after(closeBrowser);

test('a newcomer has answered a first ticket three minutes after the sign-up', async () => {
  const began = Date.now();
  const { page, close } = await window();
  await page.goto(at('app'));
  await page.getByLabel('Name of the organisation').fill(slug);
  await page.getByText('This address is free.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('First name').fill('Ada');
  await page.getByLabel('Last name').fill('Martin');
  await page.getByLabel('E-mail address').fill(admin);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the helpdesk' }).click();
  await page.getByRole('link', { name: 'Go to my helpdesk' }).click();
  // The address is known already, and asked for nowhere again.
  assert.equal(await page.getByLabel('E-mail address').inputValue(), admin);
  await enterPassword(page, admin);

  await page.getByRole('heading', { name: 'Three minutes to your first answer' }).waitFor();
  await page.getByText('Your e-mail address is not confirmed yet').waitFor();
  await accessible(page, 'first-steps');
  await page.getByRole('link', { name: 'Write a ticket' }).click();
  await page.getByLabel('Subject').fill(SUBJECT);
  await page.getByLabel('Description').fill('I wonder.');
  await accessible(page, 'first-ticket');
  await page.getByRole('button', { name: 'Send the ticket' }).click();
  await page.getByRole('heading', { name: SUBJECT }).waitFor();
  await page.getByLabel('Reply to Ada').fill('Yes, we do.');
  await page.getByRole('button', { name: 'More ways to send' }).click();
  await page.getByRole('menuitem', { name: 'Send and take the ticket' }).click();
  await page.getByRole('article').filter({ hasText: 'Yes, we do.' }).waitFor();
  await page.getByRole('button', { name: 'Status: In progress. Change' }).waitFor();
  assert.ok(Date.now() - began < 180_000, 'it took longer than three minutes');

  await page.goto(at(slug));
  for (const name of [/^Get a first ticket \(done\)/, /^Answer it \(done\)/]) {
    await page.getByRole('heading', { name }).waitFor();
  }
  await page.goto(at(slug, `/verify?token=${await tokenFor(admin, '/verify')}`));
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  assert.equal(await page.getByText('is not confirmed yet').count(), 0);
  await close();
});

test('an address that nobody may have looks so before anything else is typed', async () => {
  const { page, close } = await window();
  await page.goto(at('app', '/signup'));
  await page.getByLabel('Name of the organisation').fill('Support');
  await page.getByText('This address is reserved.').waitFor();
  await accessible(page, 'sign-up-reserved');
  await page.getByRole('button', { name: 'Continue' }).click();
  assert.equal(await page.getByLabel('First name').count(), 0);
  await close();
});
