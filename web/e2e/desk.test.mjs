// The desk: what is arranged for it, a customer's ticket with its category, and a queue worked with views, bulk,
// tags, snoozes, canned replies, macros and drafts; the same screens in French, in the dark, on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  accessible,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  newTicket,
  signIn,
  window,
} from './world.mjs';

const slug = `desk-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const FRENCH_DARK_PHONE = {
  locale: 'fr-FR',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await newCustomer(page, customer, 'Chloé');
  for (const subject of ['Cracked screen', 'Lost invoice', 'Empty battery']) {
    await newTicket(page, customer, subject);
  }
  await close();
});

after(closeBrowser);

/** Saves the dialog that is open, and waits until it is gone. */
async function save(page) {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

test('an admin arranges teams, categories, fields, hours and promises', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/teams'));
  await page.getByText('No teams yet').waitFor();
  await page.getByRole('button', { name: 'New team' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Workshop');
  await page.getByRole('checkbox', { name: 'Ada Martin' }).check();
  await accessible(page, 'desk-team');
  await save(page);
  await page.getByText(/By hand · Ada Martin/).waitFor();
  await page.goto(at(slug, '/settings/categories'));
  await page.getByRole('button', { name: 'New category' }).click();
  await page.getByLabel('Name in tickets').fill('repair');
  await page.getByLabel('What people read (English)').fill('Repair');
  await page.getByLabel('What people read (Français)').fill('Réparation');
  await accessible(page, 'desk-category');
  await save(page);
  await page.getByRole('button', { name: 'New field' }).click();
  await page.getByLabel('Key', { exact: true }).fill('serial');
  await page.getByLabel('What people read (English)').fill('Serial number');
  await page.getByLabel('What people read (Français)').fill('Numéro de série');
  await page.getByLabel('Of which tickets it is asked').selectOption('Repair');
  await page.getByLabel('Customers see and give it').check();
  await page.getByLabel('Customers must give it').check();
  await save(page);
  await page.getByText('customers see it', { exact: false }).waitFor();
  await accessible(page, 'desk-categories');
  await page.goto(at(slug, '/settings/sla'));
  await page.getByRole('button', { name: 'New business hours' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Office');
  await page.getByRole('button', { name: 'Saturday: add opening hours' }).click();
  await accessible(page, 'desk-hours');
  await save(page);
  await page.getByText(/48 h a week/).waitFor();
  await page.getByRole('button', { name: 'New policy' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Repairs');
  await page.getByLabel('Urgent: First reply').fill('15 min');
  await page.getByRole('checkbox', { name: 'Repair' }).check();
  await page.getByLabel('Which hours count').selectOption('Office');
  await accessible(page, 'desk-policy');
  await save(page);
  await page.getByText(/Repair · Office · urgent: 15 min/).waitFor();
  await accessible(page, 'desk-promises');
  await page.goto(at(slug, '/settings/tickets'));
  await page.getByLabel(/^Every ticket/).click();
  const reach = page.getByRole('region', { name: 'Agents see' });
  await reach.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await close();
});

test('replies and macros are kept', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/replies'));
  await page.getByRole('button', { name: 'New canned reply' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Greeting');
  await page
    .getByLabel('Text', { exact: true })
    .fill('Hello {{requester.firstname}}, order {{order.id}}');
  await save(page);
  await page.getByRole('button', { name: 'New canned reply' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Thanks');
  await page.getByLabel('Text', { exact: true }).fill('Thank you, {{requester.firstname}}.');
  await save(page);
  await page.getByRole('button', { name: 'New macro' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Solve it');
  await page.getByLabel('Text', { exact: true }).fill('It is solved.');
  await page.getByRole('button', { name: 'Add an action' }).click();
  await accessible(page, 'desk-macro');
  await save(page);
  await page.getByText(/It is solved\. · 1 action/).waitFor();
  await accessible(page, 'desk-replies');
  await close();
});

test('a customer says what it is about, and what the category asks for', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.goto(at(slug, '/tickets/new'));
  await page.getByLabel('Subject').fill('Hinge is loose');
  await page.getByLabel('Category').selectOption('Repair');
  await page.getByLabel('Description').fill('It wobbles.');
  await page.getByRole('button', { name: 'Send the ticket' }).click();
  await page.getByText('Please fill this in.').waitFor();
  await accessible(page, 'desk-portal-form');
  await page.getByLabel(/^Serial number/).fill('A-17');
  await page.getByRole('button', { name: 'Send the ticket' }).click();
  await page.getByRole('heading', { name: 'Hinge is loose' }).waitFor();
  await close();
});

test('a queue is narrowed, kept as a view, and changed in one job that is undone', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/?view=all'));
  await page.getByRole('link', { name: /Cracked screen/ }).waitFor();
  await page.getByRole('button', { name: 'Narrow the list' }).click();
  await page.getByLabel('Category').selectOption('Repair');
  await accessible(page, 'desk-narrow');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('link', { name: /Cracked screen/ }).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Save as a view' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Repairs');
  await page.getByRole('button', { name: 'Save the view' }).click();
  await page.getByRole('link', { name: /^Repairs.*1 ticket/ }).waitFor();
  await page.getByRole('link', { name: /^All/ }).click();
  await page.getByRole('link', { name: /Cracked screen/ }).focus();
  await page.keyboard.press('x');
  await page.getByText('1 selected').waitFor();
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByText('4 selected').waitFor();
  await accessible(page, 'desk-selected');
  await page.getByRole('button', { name: 'Priority' }).click();
  await page.getByRole('menuitem', { name: 'Urgent' }).click();
  await page.getByText('4 tickets changed').waitFor();
  await page.getByRole('link', { name: /Lost invoice.*Urgent/ }).waitFor();
  await accessible(page, 'desk-changed');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('4 tickets are as they were before').waitFor();
  await page.getByRole('link', { name: /Lost invoice.*Urgent/ }).waitFor({ state: 'hidden' });
  await close();
});

test('a ticket is tagged, watched, put aside, answered by a slash and solved by a macro', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/?view=all'));
  await page.getByRole('link', { name: /Lost invoice/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.locator('input[id^="tags-"]').fill('vip');
  await page.keyboard.press('Enter');
  await details.getByLabel('Team').selectOption('Workshop');
  await details.getByRole('button', { name: 'Watch' }).click();
  await details.getByRole('button', { name: 'Watch no more' }).waitFor();
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: /^Until tomorrow morning/ }).click();
  await page.getByRole('button', { name: /^Snoozed until/ }).click();
  await accessible(page, 'desk-ticket');
  await page.getByRole('menuitem', { name: 'Bring it back now' }).click();
  await page.getByRole('button', { name: 'Snooze', exact: true }).waitFor();
  const reply = page.getByLabel('Reply to Chloé');
  await reply.press('/');
  await page.getByRole('combobox', { name: 'Search by name or text' }).fill('greet');
  await page.getByRole('alert').getByText('{{order.id}}').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Insert' }).isDisabled(), true);
  await accessible(page, 'desk-picker');
  await page.getByRole('combobox', { name: 'Search by name or text' }).fill('thanks');
  await page.getByText('Thank you, Chloé.').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Draft kept').waitFor();
  await page.reload();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('textarea')].some(({ value }) => value === 'Thank you, Chloé.'),
  );
  await reply.fill('');
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('menuitem', { name: 'In progress' }).click();
  await page.getByRole('button', { name: /^Status: In progress/ }).waitFor();
  await page.getByRole('button', { name: 'Canned replies and macros' }).click();
  await page.getByRole('combobox', { name: 'Search by name or text' }).fill('solve');
  await page.getByRole('button', { name: 'Send and apply' }).click();
  await page.getByRole('button', { name: /^Status: Resolved/ }).waitFor();
  await page.getByText('It is solved.').first().waitFor();
  await close();
});

test('one says that one is away, and reads what one was told', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.getByRole('button', { name: /^Account and settings/ }).click();
  await page.getByRole('menuitem', { name: 'I am away' }).click();
  await page.getByText('You are away: no tickets are given to you.').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await page.getByText('Nothing new').waitFor();
  await accessible(page, 'desk-notices');
  await close();
});

test('the desk on a phone, in the dark, in French', async () => {
  const { page, close } = await window(FRENCH_DARK_PHONE);
  await signIn(page, slug, admin);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  for (const [path, words] of [
    ['/settings/replies', 'Greeting'],
    ['/settings/teams', 'Workshop'],
    ['/settings/categories', 'Numéro de série'],
    ['/settings/sla', 'Office'],
    ['/settings/tickets', 'Tous les tickets'],
    ['/?view=all', 'Cracked screen'],
  ]) {
    await page.goto(at(slug, path));
    await page.getByText(words).first().waitFor();
    await accessible(page, `desk-phone-${path.replace(/\W+/g, '-')}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${path} is ${wide} pixels wide`);
  }
  await page.getByRole('checkbox').first().check();
  await page.getByText('1 sélectionné').waitFor();
  await accessible(page, 'desk-phone-selected');
  await page.goto(at(slug, '/settings/sla'));
  await page.getByRole('button', { name: 'Modifier « Office »' }).click();
  await page.getByRole('group', { name: /samedi/i }).waitFor();
  await accessible(page, 'desk-phone-hours');
  await close();
});
