// Satisfaction and reports: a customer rates by the link of the mail and beside the ticket, a manager reads what it all comes
// to and looks behind a number; the same screens in French, in the dark, on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tokenFor } from './mailbox.mjs';
import {
  accessible,
  at,
  callAs,
  closeBrowser,
  newCustomer,
  newOrganisation,
  signIn,
  window,
} from './world.mjs';

const slug = `figures-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const FRENCH_DARK_PHONE = {
  locale: 'fr-FR',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};

/** What the first ticket was, of which the rating is asked by mail. */
let rated;

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await newCustomer(page, customer, 'Chloé');
  const call = async (who, method, path, body) => {
    const answer = await callAs(page, who, method, path, body);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body;
  };
  const me = await call(admin, 'GET', '/api/v1/auth/me');
  for (const subject of ['Cracked screen', 'Lost invoice', 'Empty battery']) {
    const body = { subject, description: 'Hello' };
    const ticket = await call(customer, 'POST', '/api/v1/tickets', body);
    if (subject === 'Empty battery') continue;
    const path = `/api/v1/tickets/${ticket.id}`;
    await call(admin, 'POST', `${path}/assign`, { assigned_to: me.id });
    await call(admin, 'POST', `${path}/messages`, { message: 'On my way' });
    await call(admin, 'POST', `${path}/status`, { status: 'resolved' });
    rated ??= ticket;
  }
  await close();
});

after(closeBrowser);

test('a link that is none says so, and one of a mail asks without signing in', async () => {
  const { page, close } = await window();
  await page.goto(at(slug, '/rate?token=made-up'));
  await page.getByRole('heading', { name: 'This link is not good any more' }).waitFor();
  await accessible(page, 'reports-dead-link');
  const token = await tokenFor(customer, '/rate');
  await page.goto(at(slug, `/rate?token=${token}&rating=2`));
  await page.getByRole('radio', { name: '2' }).waitFor();
  assert.equal(await page.getByRole('radio', { name: '2' }).isChecked(), true);
  await accessible(page, 'reports-rate');
  await page.locator('label', { hasText: /^4$/ }).click();
  await page.getByLabel(/say more/).fill('Quick, thank you');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('heading', { name: 'Thank you' }).waitFor();
  await accessible(page, 'reports-rated');
  await page.reload();
  await page.getByRole('button', { name: 'Change my answer' }).waitFor();
  await close();
});

test('a customer who is signed in rates beside the ticket', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.getByRole('link', { name: /Cracked screen/ }).click();
  await page.getByRole('heading', { name: 'How did we do?' }).waitFor();
  await accessible(page, 'reports-portal');
  await page.locator('label', { hasText: /^5$/ }).click();
  await page.getByRole('button', { name: /^(Send|Change my answer)$/ }).click();
  await page.getByText('5 of 5').waitFor();
  await close();
});

test('a manager reads what it comes to, and looks behind a number', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, `/tickets/${rated.ticket_number}?view=all`));
  await page.getByRole('complementary', { name: 'Details' }).getByText('5 of 5').waitFor();
  await accessible(page, 'reports-ticket');
  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByRole('heading', { name: 'Reports' }).waitFor();
  // What is counted comes a moment after it happened.
  const created = page.getByRole('definition').getByRole('link', { name: '3', exact: true });
  await created.first().waitFor();
  await accessible(page, 'reports-overview');
  for (const [name, screen] of [
    ['Promises', 'sla'],
    ['Agents', 'agents'],
    ['Volume', 'volume'],
  ]) {
    await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name }).click();
    await page.getByRole('table', { name }).waitFor();
    await accessible(page, `reports-${screen}`);
  }
  await page.getByLabel('Divided by').selectOption('Priority');
  await page.getByRole('link', { name: /^New tickets, Medium: 3/ }).click();
  await page.getByRole('link', { name: 'Empty battery' }).waitFor();
  assert.equal(await page.getByRole('row').count(), 4, 'a head and a row for each');
  await accessible(page, 'reports-behind');
  await page.getByRole('link', { name: 'Empty battery' }).click();
  await page.getByRole('heading', { name: 'Empty battery' }).waitFor();
  await close();
});

test('a report is saved as a file, and days are those of another clock', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/tickets'));
  await page.getByRole('combobox').selectOption('Europe/Paris');
  const clock = page.getByRole('region', { name: 'Days in reports' });
  await clock.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await accessible(page, 'reports-clock');
  await page.goto(at(slug, '/reports?report=agents'));
  await page.getByText('Days by the clock of Europe/Paris.').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  assert.match((await download).suggestedFilename(), /^Agents .*\.csv$/);
  await close();
});

test('reports and the rating on a phone, in the dark, in French', async () => {
  const { page, close } = await window(FRENCH_DARK_PHONE);
  const token = await tokenFor(customer, '/rate');
  await page.goto(at(slug, `/rate?token=${token}`));
  await page.getByText('La réponse vous convient-elle ?').waitFor();
  await accessible(page, 'reports-phone-rate');
  await signIn(page, slug, admin);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  for (const [path, words] of [
    ['/reports', 'Avis des clients'],
    ['/reports?report=sla', 'Premières réponses, à temps et en retard'],
    ['/reports?report=agents', 'Ada Martin'],
    ['/reports?report=volume', 'Arrivées et départs'],
    ['/reports?figure=created', 'Cracked screen'],
  ]) {
    await page.goto(at(slug, path));
    await page.getByText(words).first().waitFor();
    await accessible(page, `reports-phone-${path.replace(/\W+/g, '-')}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${path} is ${wide} pixels wide`);
  }
  await close();
});
