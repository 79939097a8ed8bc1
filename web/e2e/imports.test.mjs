// Tickets that come from elsewhere and are taken away: a table with its columns said, checked and brought, what is wrong
// with which line, and a list as a file; the same screens in French, in the dark, on a phone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { accessible, at, closeBrowser, newOrganisation, prove, signIn, window } from './world.mjs';

const slug = `bring-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const FRENCH_DARK_PHONE = {
  locale: 'fr-FR',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};
const TABLE = [
  'Nummer;Sujet;E-mail;Statut;Date de création',
  'A-1;Imprimante en panne;chloe@elsewhere.example;résolu;2024-01-02',
  'A-2;Facture perdue;max@elsewhere.example;en cours;2024-02-03',
  'A-3;Sans adresse;;ouvert;2024-02-03',
  'A-4;Trop tard;max@elsewhere.example;demain;2024-02-03',
].join('\r\n');

/** A file as one chooses it from one's own machine. */
const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await prove(page, admin);
  await close();
});

after(closeBrowser);

test('an admin brings a table: columns, check, errors, run', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/imports'));
  await page.getByRole('heading', { name: 'Import and export', exact: true }).waitFor();
  await accessible(page, 'imports-empty');
  await page.locator('input[type=file]').setInputFiles(file('tickets.csv', TABLE));
  const card = page.getByRole('region', { name: 'tickets.csv' });
  await card.getByText('to be checked').waitFor();
  await card.getByLabel('What Nummer is').selectOption('Number there');
  await accessible(page, 'imports-columns');
  await card.getByRole('button', { name: 'Check', exact: true }).click();
  await card.getByText('checked', { exact: true }).waitFor();
  await card.getByText('This is missing.').waitFor();
  await card.getByText('Nobody here knows this.').first().waitFor();
  await accessible(page, 'imports-checked');
  const loading = page.waitForEvent('download');
  await card.getByRole('button', { name: 'Download as a table' }).click();
  const errors = await readFile(await (await loading).path(), 'utf8');
  assert.match(
    errors,
    /^\ufeff"line","kind","field","code","message"\r\n"3","warning",.*\r\n"4","error","requester_email","required",/,
  );
  await card.getByRole('button', { name: 'Bring the tickets' }).click();
  await card.getByText('finished', { exact: true }).waitFor();
  await accessible(page, 'imports-finished');
  await page.goto(at(slug, '/?view=all'));
  await page.getByRole('link', { name: /Imprimante en panne/ }).click();
  await page.getByRole('button', { name: /^Status: Resolved/ }).waitFor();
  await page
    .getByText(/It came from csv A-1/)
    .first()
    .waitFor();
  await close();
});

test('the list that is shown is taken away as a table', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/?view=all&q=Facture'));
  await page.getByRole('link', { name: /Facture perdue/ }).waitFor();
  await page.getByRole('button', { name: 'Take these tickets away' }).click();
  await accessible(page, 'exports-menu');
  const loading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Table (CSV)' }).click();
  const table = await readFile(await (await loading).path(), 'utf8');
  assert.match(table, /Facture perdue/);
  assert.doesNotMatch(table, /Imprimante/);
  await close();
});

test('imports on a phone, in the dark, in French', async () => {
  const { page, close } = await window(FRENCH_DARK_PHONE);
  await signIn(page, slug, admin);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  await page.goto(at(slug, '/settings/imports'));
  await page.getByText('terminé', { exact: true }).waitFor();
  await page.locator('input[type=file]').first().setInputFiles(file('encore.csv', TABLE));
  await page.getByRole('region', { name: 'encore.csv' }).getByText('à vérifier').waitFor();
  await accessible(page, 'imports-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await close();
});
