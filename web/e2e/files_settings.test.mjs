// What may be sent, and what may not: an admin lowers a category's largest size and what one person may send, contents are
// refused by a file of a ticket and by a hash that the browser computes, and are allowed again; the same screens in French,
// in the dark, on a phone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { noise } from './pictures.mjs';
import {
  accessible,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  newTicket,
  prove,
  signIn,
  window,
} from './world.mjs';

const slug = `limits-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const SUBJECT = 'Cracked screen';
const FRENCH_DARK_PHONE = {
  locale: 'fr-FR',
  colorScheme: 'dark',
  viewport: { width: 375, height: 812 },
  hasTouch: true,
};
/** Files are looked at and taken away behind the scenes. */
const BEHIND = { timeout: 90_000 };

const photo = { name: 'photo.png', mimeType: 'image/png', buffer: noise(400, 300) };
const text = (name, words) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(words) });
const offer = text('offer.txt', `Buy cheap screens at ${slug}.`);
const hashOf = ({ buffer }) => createHash('sha256').update(buffer).digest('hex');

/** The ticket's address. */
let ticket;

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await prove(page, admin);
  await newCustomer(page, customer, 'Chloé');
  ticket = at(slug, `/tickets/${await newTicket(page, customer, SUBJECT)}`);
  await close();
});

after(closeBrowser);

/** Opens the ticket where its customer writes. */
async function asCustomer() {
  const opened = await window();
  await signIn(opened.page, slug, customer);
  await opened.page.goto(ticket);
  await opened.page.getByLabel('Your message').waitFor();
  return opened;
}

/** Opens a page of the settings. */
async function asAdmin(path, heading) {
  const opened = await window();
  await signIn(opened.page, slug, admin);
  await opened.page.goto(at(slug, path));
  await opened.page.getByRole('heading', { level: 1, name: heading }).waitFor();
  return opened;
}

const choose = (page, ...files) => page.locator('input[type=file]').setInputFiles(files);
const row = (page, name) =>
  page
    .getByRole('list', { name: 'Files of this message' })
    .getByRole('listitem')
    .filter({ hasText: name });

test('an admin lowers the largest size of a category, and a customer’s larger file is refused in words that name it', async () => {
  const { page, close } = await asAdmin('/settings/files', 'Files');
  const kept = page.getByRole('list', { name: 'Categories' });
  await kept.getByText(/\.png.*up to 5\sMB/).waitFor();
  await page.getByText(/^0\sbytes/).waitFor();
  await accessible(page, 'settings-files');
  await page.getByRole('button', { name: 'Change “Images”' }).click();
  const form = page.getByRole('dialog', { name: 'Change the category' });
  await form.getByLabel('Maximum file size').fill('0.1');
  await form.getByText(/reads “at most 102 kB”/).waitFor();
  await accessible(page, 'settings-files-category');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Go on typing' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await kept.getByText(/\.png.*up to 102\skB/).waitFor();
  const chloe = await asCustomer();
  await choose(chloe.page, photo);
  await row(chloe.page, 'photo.png').getByText('Too large: at most 102 kB.').waitFor();
  await accessible(chloe.page, 'settings-files-refused');
  await chloe.close();
  await close();
});

test('an admin lowers how many files one person may send a day, and the next one is refused', async () => {
  const { page, close } = await asAdmin('/settings/files', 'Files');
  const limits = page.getByRole('region', { name: 'Limits per person' });
  const save = async (number) => {
    await limits.getByLabel('Most files per person and day').fill(number);
    await limits.getByRole('button', { name: 'Save' }).click();
    await limits.getByText('Saved.').waitFor();
  };
  await save('0');
  const chloe = await asCustomer();
  await choose(chloe.page, text('notes.txt', 'It fell twice.'));
  await row(chloe.page, 'notes.txt')
    .getByText(/as many files today as you may: 0/)
    .waitFor();
  await save('100');
  await chloe.close();
  await close();
});

test('a content is refused by a file of a ticket: the file goes, and comes back under no name', async () => {
  const chloe = await asCustomer();
  await choose(chloe.page, offer);
  await row(chloe.page, 'offer.txt').getByText('ready').waitFor(BEHIND);
  await chloe.page.getByLabel('Your message').fill('Look at this offer.');
  await chloe.page.getByRole('button', { name: 'Send', exact: true }).click();
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(ticket);
  const menu = page.getByRole('button', { name: 'What to do with offer.txt' });
  const question = page.getByRole('dialog', { name: 'Refuse the content of offer.txt?' });
  const openQuestion = async () => {
    await menu.click();
    await page.getByRole('menuitem', { name: 'Refuse this content' }).click();
    await question.waitFor();
  };
  await openQuestion();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'hidden' });
  // Its button has the focus again.
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Refuse this content' }).waitFor();
  await page.keyboard.press('Escape');
  await openQuestion();
  await question.getByLabel('Reason').fill('Spam');
  await accessible(page, 'refuse-content');
  await question.getByRole('button', { name: 'Refuse this content' }).click();
  await page.getByText('The content of offer.txt is refused from now on.').waitFor();
  await menu.waitFor({ state: 'hidden', ...BEHIND });
  await choose(chloe.page, { ...offer, name: 'report.txt' });
  await row(chloe.page, 'report.txt')
    .getByText(/its content, are refused/)
    .waitFor(BEHIND);
  await chloe.close();
  await close();
});

test('what was refused is found, and is allowed again', async () => {
  const { page, close } = await asAdmin('/settings/refused-contents', 'Refused contents');
  await page
    .getByRole('listitem')
    .filter({ hasText: hashOf(offer) })
    .getByText('Spam')
    .waitFor();
  await accessible(page, 'refused-contents');
  const short = `${hashOf(offer).slice(0, 12)}…`;
  await page.getByRole('button', { name: `Change “${short}”` }).click();
  const form = page.getByRole('dialog', { name: 'Change the decision' });
  await form.getByRole('radio', { name: 'Allowed' }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByLabel('Which contents').selectOption({ label: 'Refused' });
  await page.getByText('No contents with this decision').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  const chloe = await asCustomer();
  await choose(chloe.page, offer);
  await row(chloe.page, 'offer.txt').getByText('ready').waitFor(BEHIND);
  await chloe.close();
  await page.getByRole('button', { name: `Remove “${short}”` }).click();
  const question = page.getByRole('dialog', { name: `Remove “${short}”?` });
  await question.getByRole('button', { name: `Remove “${short}”` }).click();
  await page.getByText(`${short} was removed.`).waitFor();
  await page.getByText('No contents yet').waitFor();
  await close();
});

test('a content is refused before anybody has sent it, by a file that stays with the admin', async () => {
  const { page, close } = await asAdmin('/settings/refused-contents', 'Refused contents');
  const other = text('scam.txt', `Send money to ${slug}.`);
  const sent = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await page.getByRole('button', { name: 'Add a content' }).click();
  const form = page.getByRole('dialog', { name: 'Add a content' });
  await choose(page, other);
  await form.getByText('Computed from scam.txt.').waitFor();
  assert.equal(await form.getByLabel('SHA-256').inputValue(), hashOf(other));
  await accessible(page, 'refused-contents-new');
  await form.getByRole('button', { name: 'Refuse this content' }).click();
  await page
    .getByRole('listitem')
    .filter({ hasText: hashOf(other) })
    .waitFor();
  assert.ok(!sent.some((body) => body.includes('Send money')), 'the file was sent');
  const chloe = await asCustomer();
  await choose(chloe.page, other);
  await row(chloe.page, 'scam.txt')
    .getByText(/its content, are refused/)
    .waitFor(BEHIND);
  await chloe.close();
  await close();
});

test('both pages in French, in the dark, on a phone', async () => {
  const { page, close } = await window(FRENCH_DARK_PHONE);
  await signIn(page, slug, admin);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  const narrow = async () => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 375, `the page is ${wide} pixels wide`);
  };
  await page.goto(at(slug, '/settings/files'));
  await page.getByRole('heading', { level: 1, name: 'Fichiers' }).waitFor();
  await page.getByText(/jusqu’à 102\sko/).waitFor();
  await accessible(page, 'settings-files-phone');
  await narrow();
  await page.getByRole('button', { name: 'Nouvelle catégorie' }).click();
  await page.getByRole('dialog').getByLabel('Taille maximale d’un fichier').waitFor();
  await accessible(page, 'settings-files-category-phone');
  await page.goto(at(slug, '/settings/refused-contents'));
  await page.getByRole('heading', { level: 1, name: 'Contenus refusés' }).waitFor();
  await page.getByRole('listitem').getByText('Refusé', { exact: true }).first().waitFor();
  await accessible(page, 'refused-contents-phone');
  await narrow();
  await page.getByRole('button', { name: 'Ajouter un contenu' }).click();
  await page.getByRole('dialog').getByLabel('SHA-256').waitFor();
  await accessible(page, 'refused-contents-new-phone');
  await close();
});
