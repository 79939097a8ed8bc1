// What staff do with one file: it waits for its message through a reload, is shared by a link that somebody without an
// account opens until it is taken back, and with a colleague who does not see its ticket; a manager sees who opened it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { noise } from './pictures.mjs';
import {
  accessible,
  at,
  closeBrowser,
  newColleague,
  newCustomer,
  newOrganisation,
  newTicket,
  prove,
  signIn,
  window,
} from './world.mjs';

const slug = `share-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const agent = `lea@${slug}.example`;
const colleague = `ben@${slug}.example`;
const customer = `chloe@${slug}.example`;
const SUBJECT = 'Cracked screen';
const CAMERA = 'Plover 7';
const DARK_PHONE = {
  colorScheme: 'dark',
  viewport: { width: 375, height: 812 },
  hasTouch: true,
};
/** Scanning and small pictures are made behind the scenes. */
const BEHIND = { timeout: 60_000 };

const picture = noise(400, 300, CAMERA);
const photo = (name) => ({ name, mimeType: 'image/png', buffer: picture });

/** The ticket's address, and the link that was made to a file of it. */
let ticket;
let link;

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await prove(page, admin);
  const role = 'agent';
  await newColleague(page, admin, { email: agent, role, firstname: 'Léa', lastname: 'Morel' });
  await newColleague(page, admin, { email: colleague, role, firstname: 'Ben', lastname: 'Okoye' });
  await newCustomer(page, customer, 'Chloé');
  ticket = at(slug, `/tickets/${await newTicket(page, customer, SUBJECT)}`);
  await close();
});

after(closeBrowser);

/** Opens the ticket as somebody of the staff. */
async function openTicket(page, who) {
  await signIn(page, slug, who);
  await page.goto(ticket);
  await page.getByRole('heading', { name: SUBJECT }).waitFor();
}

const enclosed = (page) => page.getByRole('list', { name: 'Files of this message' });
const choose = (page, ...files) => page.locator('input[type=file]').setInputFiles(files);
const row = (page, name) => page.getByRole('listitem').filter({ hasText: name });
const saying = (page, words) => page.getByRole('article').filter({ hasText: words });

/** Chooses something of a file's menu. */
async function choosing(page, within, name, entry) {
  await within.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

test('files that wait for their message are back after a reload, and go with it', async () => {
  const { page, close } = await window();
  await openTicket(page, agent);
  await page.getByRole('button', { name: /^Assign: / }).click();
  await page.getByRole('option', { name: /Assign to me/ }).click();
  await choose(page, photo('proof.png'), photo('spare.png'));
  await row(page, 'proof.png').getByText('ready').waitFor(BEHIND);
  await row(page, 'spare.png').getByText('ready').waitFor(BEHIND);
  // What waits on the server is not lost: the browser asks nothing.
  page.on('dialog', (dialog) => assert.fail(dialog.type()));
  await page.reload();
  await enclosed(page).getByText('proof.png').waitFor();
  await enclosed(page).getByText('spare.png').waitFor();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByText('No files yet.').waitFor();
  await accessible(page, 'files-waiting');
  await page.getByRole('button', { name: 'Delete spare.png' }).click();
  await enclosed(page).getByText('spare.png').waitFor({ state: 'hidden' });
  await page.getByLabel('Reply to Chloé').fill('Here is a picture of it.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const message = saying(page, 'Here is a picture of it.');
  await message.getByRole('img', { name: 'proof.png' }).waitFor(BEHIND);
  await page.reload();
  await message.getByRole('img', { name: 'proof.png' }).waitFor();
  assert.equal(await page.getByText('spare.png').count(), 0);
  assert.equal(await enclosed(page).count(), 0);
  await close();
});

test('a customer’s file waits for their words as well', async () => {
  const { page, close } = await window(DARK_PHONE);
  await signIn(page, slug, customer);
  await page.goto(ticket);
  await page.getByRole('heading', { name: SUBJECT }).waitFor();
  await choose(page, photo('receipt.png'));
  await row(page, 'receipt.png').getByText('ready').waitFor(BEHIND);
  await page.reload();
  await enclosed(page).getByText('receipt.png').waitFor();
  await accessible(page, 'files-waiting-portal');
  await page.getByLabel('Your message').fill('Here is the receipt.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await saying(page, 'Here is the receipt.')
    .getByRole('img', { name: 'receipt.png' })
    .waitFor(BEHIND);
  await close();
});

test('an agent looks up what is known of a picture, shares it by a link and with a colleague', async () => {
  const { page, close } = await window();
  await openTicket(page, agent);
  const message = saying(page, 'Here is a picture of it.');
  await message.getByRole('button', { name: /^proof\.png/ }).click();
  const box = page.getByRole('dialog', { name: 'proof.png' });
  await box.getByText('Details', { exact: true }).click();
  await box.getByText(CAMERA).waitFor();
  await box.getByText(/by Léa Morel/).waitFor();
  await accessible(page, 'files-details');
  await choosing(page, box, 'proof.png', 'Share');
  const dialog = page.getByRole('dialog', { name: 'Share proof.png' });
  await dialog.getByText('With nobody yet.').waitFor();
  await dialog.getByText('By a link').click();
  await dialog.getByLabel('Good for').selectOption('1 day');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const made = dialog.getByRole('region', { name: 'The new link' });
  await made.getByText(/Whoever has this link can download the file until/).waitFor();
  link = await made.getByRole('code').innerText();
  await dialog.getByText('not opened yet', { exact: false }).waitFor();
  await accessible(page, 'files-share-link');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Close without copying the link?' }).waitFor();
  await page.getByRole('button', { name: 'Back to the link' }).click();
  await made.getByRole('button', { name: 'Copy the link' }).click();
  await dialog.getByText('With a colleague').click();
  await dialog.getByRole('combobox', { name: 'Colleague' }).click();
  await page.getByRole('option', { name: 'Ben Okoye' }).click();
  await dialog.getByRole('button', { name: 'Share it' }).click();
  await dialog.getByText('Ben Okoye has it now.').waitFor();
  await accessible(page, 'files-share-colleague');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await box.waitFor();
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'hidden' });
  const opener = message.getByRole('button', { name: /^proof\.png/ });
  await page.waitForFunction((one) => document.activeElement === one, await opener.elementHandle());
  await close();
});

test('somebody without an account downloads it by the link', async () => {
  const { page, close } = await window(DARK_PHONE);
  await page.goto(link);
  await page.getByRole('heading', { name: 'proof.png' }).waitFor();
  await accessible(page, 'files-shared-link');
  const loading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  assert.deepEqual(await readFile(await (await loading).path()), picture);
  await close();
});

test('a colleague finds it under “Shared with me”, without its ticket', async () => {
  const { page, close } = await window(DARK_PHONE);
  await signIn(page, slug, colleague);
  await page.getByRole('link', { name: 'Shared with me' }).waitFor();
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await page.getByRole('link', { name: /^A file was shared with you/ }).click();
  const shared = page.getByRole('listitem').filter({ hasText: 'proof.png' });
  await shared.getByText(/from Léa Morel/).waitFor();
  assert.equal(await shared.getByRole('link').count(), 0);
  await accessible(page, 'files-shared-with-me');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `the page is ${wide} pixels wide`);
  await shared.getByRole('button', { name: 'proof.png', exact: true }).click();
  const box = page.getByRole('dialog', { name: 'proof.png' });
  await box.getByRole('img', { name: 'proof.png' }).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  const loading = page.waitForEvent('download');
  await shared.getByRole('button', { name: 'Download proof.png' }).click();
  assert.deepEqual(await readFile(await (await loading).path()), picture);
  await close();
});

test('a link that was taken back opens nothing, and neither does what a colleague has lost', async () => {
  const { page, close } = await window();
  await openTicket(page, agent);
  const message = saying(page, 'Here is a picture of it.');
  await choosing(page, message, 'proof.png', 'Share');
  const dialog = page.getByRole('dialog', { name: 'Share proof.png' });
  await dialog.getByText(/opened once/).waitFor();
  await dialog.getByRole('button', { name: 'Stop sharing by the link' }).click();
  const question = page.getByRole('dialog', { name: 'Stop sharing by the link?' });
  await question.waitFor();
  await accessible(page, 'files-share-revoke');
  await question.getByRole('button', { name: 'Stop sharing' }).click();
  await dialog.getByText('Sharing was stopped.').waitFor();
  await dialog.getByRole('button', { name: 'Stop sharing with Ben Okoye' }).click();
  await page
    .getByRole('dialog', { name: 'Stop sharing with Ben Okoye?' })
    .getByRole('button', { name: 'Stop sharing' })
    .click();
  await dialog.getByText('stopped', { exact: false }).nth(1).waitFor();
  await close();
  const outside = await window();
  await outside.page.goto(link);
  await outside.page.getByText('This link no longer works').waitFor();
  await outside.close();
  const inside = await window();
  await signIn(inside.page, slug, colleague);
  await inside.page.goto(at(slug, '/files'));
  await inside.page.getByText('Nothing yet').waitFor();
  await accessible(inside.page, 'files-shared-none');
  await inside.close();
});

test('a manager sees who opened a file; an agent is not offered that', async () => {
  const desk = await window();
  await openTicket(desk.page, agent);
  await saying(desk.page, 'Here is a picture of it.')
    .getByRole('button', { name: 'What to do with proof.png' })
    .click();
  await desk.page.getByRole('menuitem', { name: 'Share' }).waitFor();
  assert.equal(await desk.page.getByRole('menuitem', { name: 'Who opened it' }).count(), 0);
  await desk.close();
  const { page, close } = await window(DARK_PHONE);
  await openTicket(page, admin);
  const message = saying(page, 'Here is a picture of it.');
  await choosing(page, message, 'proof.png', 'Who opened it');
  const log = page.getByRole('dialog', { name: 'Who opened proof.png' });
  await log.getByText('Somebody with a link').first().waitFor();
  await log.getByText('Ben Okoye').first().waitFor();
  await log
    .getByText(/downloaded it \(it was shared with them\)/)
    .first()
    .waitFor();
  await accessible(page, 'files-accesses');
  await page.keyboard.press('Escape');
  await log.waitFor({ state: 'hidden' });
  await close();
});
