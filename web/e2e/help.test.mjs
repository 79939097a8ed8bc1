// The help centre: a manager writes and publishes, a customer finds, reads and judges, and is shown what may help while a ticket is
// written; the same in French, in the dark, on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

const slug = `help-${Date.now().toString(36)}`;
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
  await close();
});

after(closeBrowser);

test('a manager makes a section, writes a draft, looks at it and publishes it', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/help'));
  await page.getByText('No sections yet').waitFor();
  await accessible(page, 'help-settings-empty');
  await page.getByRole('button', { name: 'New section' }).click();
  await page.getByLabel('What people read (English)').fill('Returns');
  await page.getByLabel('What people read (Français)').fill('Retours');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('0 articles').waitFor();
  await page.getByRole('button', { name: 'New article' }).click();
  await page.getByLabel('Title (English)').fill('Getting a refund');
  await page.getByLabel('Text (English)').fill('Send the parcel **back**.');
  await page.getByLabel('Title (Français)').fill('Être remboursé');
  await page.getByLabel('Text (Français)').fill('Renvoyez le **colis**.');
  await page.getByRole('button', { name: 'Preview (English)' }).click();
  await page.locator('strong', { hasText: 'back' }).waitFor();
  await accessible(page, 'help-editor');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Draft · Returns').waitFor();
  await page.getByRole('button', { name: 'Change “Getting a refund”' }).click();
  await page.getByLabel('Status').selectOption('published');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Published · Returns').waitFor();
  await accessible(page, 'help-settings');
  await close();
});

test('a customer finds the article, reads it and says that it has helped', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.getByRole('link', { name: 'Help', exact: true }).click();
  await page.getByRole('heading', { name: 'Returns' }).waitFor();
  await accessible(page, 'help-centre');
  await page.getByLabel('Search the help centre').fill('rembourses');
  await page.getByText('1 article found').waitFor();
  await page.getByRole('link', { name: 'Getting a refund' }).click();
  await page.getByRole('heading', { name: 'Getting a refund' }).waitFor();
  await page.getByRole('button', { name: 'Yes' }).click();
  await page.getByText('Thank you for your answer.').waitFor();
  await accessible(page, 'help-article');
  const read = await callAs(page, admin, 'GET', '/api/v1/articles/getting-a-refund');
  assert.deepEqual(read.body.votes, { helpful: 1, unhelpful: 0 });
  await close();
});

test('what may help is shown while a ticket is written, opens beside it, and nothing typed is lost', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.goto(at(slug, '/tickets/new'));
  await page.getByLabel('Subject').fill('My refund');
  await page.getByLabel('Description').fill('Where is it?');
  await page.getByLabel('Subject').focus();
  const link = page.getByRole('link', { name: /Getting a refund/ });
  await link.waitFor();
  await accessible(page, 'help-suggestions');
  await page.keyboard.press('Tab');
  assert.ok(await link.evaluate((one) => one === document.activeElement));
  const opened = page.context().waitForEvent('page');
  await page.keyboard.press('Enter');
  const tab = await opened;
  await tab.getByRole('heading', { name: 'Getting a refund' }).waitFor();
  assert.equal(await page.getByLabel('Description').inputValue(), 'Where is it?');
  await close();
});

test('in French, in the dark, on a phone the help centre is the same', async () => {
  const { page, close } = await window(FRENCH_DARK_PHONE);
  await signIn(page, slug, customer);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  await page.goto(at(slug, '/help'));
  await page.getByRole('heading', { name: 'Retours' }).waitFor();
  await accessible(page, 'help-french-dark-phone');
  await page.getByRole('link', { name: 'Être remboursé' }).click();
  await page.locator('strong', { hasText: 'colis' }).waitFor();
  await accessible(page, 'help-article-french-dark-phone');
  await close();
});

test('in the console the help centre has its place and the whole width, on a phone, too', async () => {
  const { page, close } = await window({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await signIn(page, slug, admin);
  await page.getByRole('link', { name: 'Help centre' }).click();
  await page.getByRole('heading', { name: 'Returns' }).waitFor();
  await page.getByRole('link', { name: 'Getting a refund' }).click();
  await page.locator('strong', { hasText: 'back' }).waitFor();
  assert.equal(await page.locator('main').count(), 1);
  await accessible(page, 'help-console-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await close();
});
