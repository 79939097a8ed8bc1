// Files of tickets: a customer opens a ticket with some, an agent drags, pastes and chooses, the line is cut and the page
// loaded anew in the middle, pictures are looked at, saved and deleted, malware and programs are refused; the same screens
// in French, in the dark, on a phone.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { carried, infected, noise } from './pictures.mjs';
import {
  accessible,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  prove,
  signIn,
  window,
} from './world.mjs';

const slug = `files-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const SUBJECT = 'Cracked screen';
const FRENCH_DARK_PHONE = {
  locale: 'fr-FR',
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};
/** Scanning and small pictures are made behind the scenes. */
const BEHIND = { timeout: 60_000 };

const small = noise(400, 300);
const large = noise(1200, 1100);
const photo = (name, buffer = small) => ({ name, mimeType: 'image/png', buffer });

let folder;
/** The ticket's address. */
let ticket;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await prove(page, admin);
  await newCustomer(page, customer, 'Chloé');
  await close();
});

after(async () => {
  await closeBrowser();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the ticket as staff. */
async function openTicket(page) {
  await signIn(page, slug, admin);
  await page.goto(ticket);
  await page.getByRole('heading', { name: SUBJECT }).waitFor();
}

/** The message that says something. */
const saying = (page, words) => page.getByRole('article').filter({ hasText: words });
const enclosed = (page) => page.getByRole('list', { name: 'Files of this message' });
const choose = (page, ...files) => page.locator('input[type=file]').setInputFiles(files);

/** Makes the line of a page as slow as a telephone's: bytes a second. */
async function slowDown(page, bytes) {
  const line = await page.context().newCDPSession(page);
  const uploadThroughput = bytes ?? -1;
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
}

/** How uploads are spoken of with the server from here on. */
function listenIn(page) {
  const said = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/v1/uploads')) said.push(request.method());
  });
  return said;
}

test('a customer opens a ticket with files; one with malware in it is removed, a program is refused', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.goto(at(slug, '/tickets/new'));
  await page.getByLabel('Subject').fill(SUBJECT);
  await page.getByLabel('Description').fill('It fell.');
  await choose(
    page,
    photo('photo.png'),
    { name: 'notes.txt', mimeType: 'text/plain', buffer: infected },
    { name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') },
  );
  await enclosed(page)
    .getByText(/Files that end in \.exe are not taken/)
    .waitFor();
  await accessible(page, 'files-new-ticket');
  await page.getByRole('button', { name: 'Delete setup.exe' }).click();
  await page.getByRole('button', { name: 'Send the ticket' }).click();
  await page.getByRole('heading', { name: SUBJECT }).waitFor();
  ticket = page.url();
  await page.getByRole('img', { name: 'photo.png' }).waitFor(BEHIND);
  await page.getByRole('button', { name: /notes\.txt malware was found.*removed/ }).waitFor(BEHIND);
  await accessible(page, 'files-portal-ticket');
  await close();
});

test('an agent drags, pastes and chooses files, is asked about a forgotten one, and looks at them', async () => {
  const { page, close } = await window();
  await openTicket(page);
  const reply = page.getByLabel('Reply to Chloé');
  await reply.fill('The invoice is attached.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('dialog', { name: 'Send without a file?' }).waitFor();
  await accessible(page, 'files-forgotten');
  await page.getByRole('button', { name: 'Back to the message' }).click();
  const dataTransfer = await carried(page, [photo('dragged.png')]);
  await reply.dispatchEvent('dragenter', { dataTransfer });
  await page.getByText('Drop the files here').waitFor();
  await accessible(page, 'files-drop');
  await reply.dispatchEvent('drop', { dataTransfer });
  await enclosed(page).getByText('dragged.png').waitFor();
  const clipboardData = await carried(page, [photo('image.png')]);
  await reply.evaluate((field, clipboardData) => {
    const told = { clipboardData, bubbles: true, cancelable: true };
    field.dispatchEvent(new ClipboardEvent('paste', told));
  }, clipboardData);
  await choose(page, photo('chosen.png'));
  await page
    .getByRole('listitem')
    .filter({ hasText: 'chosen.png' })
    .getByText('ready')
    .waitFor(BEHIND);
  await accessible(page, 'files-composer');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const message = saying(page, 'The invoice is attached.');
  for (const name of ['dragged.png', 'image.png', 'chosen.png']) {
    await message.getByRole('img', { name }).waitFor(BEHIND);
  }
  await accessible(page, 'files-thread');
  await message.getByRole('button', { name: /^dragged\.png/ }).click();
  const box = page.getByRole('dialog', { name: 'dragged.png' });
  await box.getByText('1 of 3').waitFor();
  await box.getByRole('img', { name: 'dragged.png' }).waitFor();
  await accessible(page, 'files-lightbox');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('dialog').getByText('2 of 3').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('button', { name: 'chosen.png', exact: true }).click();
  const looked = page.getByRole('dialog', { name: 'chosen.png' });
  const loading = page.waitForEvent('download');
  await looked.getByRole('button', { name: 'Download' }).click();
  const download = await loading;
  assert.equal(download.suggestedFilename(), 'chosen.png');
  assert.deepEqual(await readFile(await download.path()), small);
  await close();
});

test('a file goes on where it stopped when the line was cut, and when the page was loaded anew', async () => {
  const { page, close } = await window();
  const path = join(folder, 'large.png');
  await writeFile(path, large);
  await openTicket(page);
  const said = listenIn(page);
  const bar = page.getByRole('progressbar', { name: /large\.png/ });
  const moves = () =>
    page.waitForFunction(() => {
      const bar = document.querySelector('[role=progressbar][aria-label*="large.png"]');
      return Number(bar?.getAttribute('aria-valuenow')) > 30;
    });
  await slowDown(page, 500_000);
  await page.locator('input[type=file]').setInputFiles(path);
  await moves();
  await page.context().setOffline(true);
  await enclosed(page)
    .getByText(/paused; goes on by itself/)
    .waitFor();
  await accessible(page, 'files-paused');
  await page.context().setOffline(false);
  await slowDown(page, 500_000);
  await bar.waitFor();
  await moves();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByLabel('Reply to Chloé').waitFor();
  await page.getByText(/were sent; choose it again to go on/).waitFor();
  await slowDown(page, null);
  await page.locator('input[type=file]').setInputFiles(path);
  await page
    .getByRole('listitem')
    .filter({ hasText: 'large.png' })
    .getByText('ready')
    .waitFor(BEHIND);
  assert.equal(said.filter((method) => method === 'POST').length, 1, said.join(' '));
  assert.ok(said.filter((method) => method === 'HEAD').length >= 2, said.join(' '));
  await page.getByLabel('Reply to Chloé').fill('Here is the whole picture.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const message = saying(page, 'Here is the whole picture.');
  const loading = page.waitForEvent('download');
  await message.getByRole('button', { name: 'What to do with large.png' }).click();
  await page.getByRole('menuitem', { name: 'Download' }).click();
  assert.deepEqual(await readFile(await (await loading).path()), large);
  await close();
});

test('sending is cancelled, malware is not sent, and a file is deleted after a question', async () => {
  const { page, close } = await window();
  await openTicket(page);
  const said = listenIn(page);
  await slowDown(page, 200_000);
  await choose(page, photo('slow.png', large));
  await page.getByRole('button', { name: 'Do not send slow.png' }).click();
  await enclosed(page).waitFor({ state: 'hidden' });
  await slowDown(page, null);
  await page.waitForTimeout(500);
  assert.equal(said.at(-1), 'DELETE', said.join(' '));
  await choose(page, { name: 'bad.txt', mimeType: 'text/plain', buffer: infected });
  await enclosed(page)
    .getByText(/malware was found in it/)
    .waitFor(BEHIND);
  await page.getByLabel('Reply to Chloé').fill('Look at this.');
  await page.getByText('1 file is infected: delete it first.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true);
  await accessible(page, 'files-infected');
  await page.getByRole('button', { name: 'Delete bad.txt' }).click();
  const message = saying(page, 'The invoice is attached.');
  await message.getByRole('button', { name: 'What to do with image.png' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const question = page.getByRole('dialog', { name: 'Delete image.png?' });
  await question.waitFor();
  await accessible(page, 'files-delete');
  await question.getByRole('button', { name: 'Delete image.png' }).click();
  await message.getByText('image.png').waitFor({ state: 'hidden' });
  await close();
});

test('files in French, in the dark, on a phone, seen at once on both sides', async () => {
  const desk = await window({ colorScheme: 'dark' });
  await openTicket(desk.page);
  await accessible(desk.page, 'files-thread-dark');
  const { page, close } = await window(FRENCH_DARK_PHONE);
  await signIn(page, slug, customer);
  await page.evaluate(() => localStorage.setItem('hd-language', 'fr'));
  await page.goto(ticket);
  await page.getByRole('img', { name: 'dragged.png' }).waitFor();
  await page.getByLabel('Votre message').fill('Voici une autre photo.');
  await choose(page, photo('telephone.png'), {
    name: 'page.html',
    mimeType: 'text/html',
    buffer: Buffer.from('<p>Hello</p>'),
  });
  await page.getByText('Les fichiers en .html ne sont pas acceptés.').first().waitFor();
  await accessible(page, 'files-phone');
  await page.getByRole('button', { name: 'Supprimer page.html' }).click();
  await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
  await saying(page, 'Voici une autre photo.')
    .getByRole('img', { name: 'telephone.png' })
    .waitFor(BEHIND);
  await saying(desk.page, 'Voici une autre photo.')
    .getByRole('img', { name: 'telephone.png' })
    .waitFor(BEHIND);
  await page.getByRole('button', { name: /^telephone\.png/ }).click();
  await page.getByRole('dialog', { name: 'telephone.png' }).waitFor();
  await accessible(page, 'files-phone-lightbox');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await page.getByRole('button', { name: 'Fermer' }).click();
  await page.getByRole('button', { name: 'Que faire de telephone.png' }).click();
  await page.getByRole('menuitem', { name: 'Supprimer' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Supprimer telephone.png' }).click();
  await saying(desk.page, 'Voici une autre photo.')
    .getByText('telephone.png')
    .waitFor({ state: 'hidden' });
  await close();
  await desk.close();
});
