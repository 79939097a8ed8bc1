// What an organisation may have: its limits as each role meets them, its invoices, and its data taken out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { command } from './command.mjs';
import { tokenFor } from './mailbox.mjs';
import { addOperator, signInAsOperator } from './operators.mjs';
import { planHeldFor } from './past.mjs';
import {
  accessible,
  ask,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  picture,
  signIn,
  window,
} from './world.mjs';

const slug = `bound-${Date.now().toString(36)}`;
const code = slug;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const email = `olga@${slug}.example`;
const PHONE = { width: 390, height: 844 };
/** The operator's window stays open: their session is in it alone. */
let desk;
let number;

before(async () => {
  const password = addOperator(email);
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  // Whoever invites has confirmed their own address.
  const token = await tokenFor(admin, '/verify');
  assert.equal((await ask(page, 'POST', '/api/v1/auth/email/verify', { token })).status, 204);
  await newCustomer(page, customer, 'Chloé');
  await close();
  desk = await window({ viewport: { width: 1280, height: 860 } });
  await desk.page.goto(at('admin', '/'));
  await signInAsOperator(desk.page, email, password);
});

after(async () => {
  command('operators', 'remove', email, '--yes');
  await closeBrowser();
});

/** A screen in the light and in the dark, and on a phone. */
async function looks(page, screen) {
  await accessible(page, screen);
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page, `${screen}-dark`);
  const size = page.viewportSize();
  await page.setViewportSize(PHONE);
  await accessible(page, `${screen}-phone`);
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  assert.ok(wide <= PHONE.width, `${screen} is ${wide} wide on a phone`);
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: 'light' });
}

const go = (page, name) => page.getByRole('link', { name, exact: true }).click();

test('an operator makes a plan, is told what is wrong with it, and gives it to an organisation', async () => {
  const { page } = desk;
  await go(page, 'Plans');
  await page.getByRole('button', { name: 'Make a plan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Code', { exact: true }).fill(code);
  await dialog.getByLabel('Name').fill('Small');
  await dialog.getByLabel('Staff').fill('1');
  await dialog.getByLabel('Tickets a month').fill('1');
  await dialog.getByLabel('Files, in GB').fill('1.5');
  await dialog.getByLabel('Database connections').fill('21');
  await dialog.getByLabel('Price a month').fill('49');
  await dialog.getByRole('button', { name: 'Make the plan' }).click();
  await dialog.getByText('A whole number from 1 to 20, or nothing.').waitFor();
  await looks(page, 'operator-plan-form');
  await dialog.getByLabel('Database connections').fill('5');
  await dialog.getByRole('button', { name: 'Make the plan' }).click();
  await page.getByText('The plan Small is made.').waitFor();
  await page.getByRole('row', { name: new RegExp(`${code}.*€49.00`) }).waitFor();
  await looks(page, 'operator-plans');

  await go(page, 'Tenants');
  await page.getByRole('link', { name: slug }).click();
  await page.getByRole('button', { name: 'Change the plan…' }).click();
  await page.getByLabel('To which plan').selectOption(code);
  await looks(page, 'operator-plan-change');
  await page.getByRole('button', { name: `Change the plan of ${slug}` }).click();
  await page.getByText(`${slug} has the plan Small now.`).waitFor();
  await page.getByText('Limit reached').waitFor();

  await page.getByRole('button', { name: 'Enter credits…' }).click();
  await page.getByLabel('Amount').fill('9.50');
  await page.getByLabel('Reference').fill(`transfer-${slug}`);
  await page.getByRole('button', { name: `Enter for ${slug}` }).click();
  await page.getByText('has €9.50 now.').waitFor();
  await page.getByRole('row', { name: new RegExp(`transfer-${slug}`) }).waitFor();
  await looks(page, 'operator-tenant-plan');
});

test('an invitation beyond the plan is refused with the way to it, and goes once the plan is raised', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/plan'));
  await page.getByText('1 of 1').waitFor();
  await page.getByText('Limit reached').waitFor();
  await page.getByText('€9.50').waitFor();
  await looks(page, 'plan');
  await go(page, 'Members');
  const invite = async () => {
    await page.getByLabel('E-mail address').fill(`ben@${slug}.example`);
    await page.getByRole('button', { name: 'Send the invitation' }).click();
  };
  await invite();
  await page.getByText('Places for staff in your plan: 1. All are taken').waitFor();
  await looks(page, 'invite-refused');
  await go(page, 'See plan and usage');
  await page.getByRole('heading', { level: 1, name: 'Plan and usage' }).waitFor();

  await go(desk.page, 'Plans');
  await desk.page
    .getByRole('row', { name: new RegExp(code) })
    .getByRole('button', { name: 'Change the plan Small' })
    .click();
  await desk.page.getByLabel('Staff').fill('3');
  await desk.page.getByRole('button', { name: 'Save the plan' }).click();
  await desk.page.getByText('The plan Small is changed.').waitFor();

  await go(page, 'Members');
  await invite();
  await page.getByText(`An invitation is on its way to ben@${slug}.example.`).waitFor();
  await go(page, 'Plan and usage');
  await page.getByText('2 of 3').waitFor();
  await page.getByText('1 of them is an open invitation').waitFor();
  await close();
});

test('a customer whose ticket is one too many is told what to do, and loses nothing', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  const write = async (subject) => {
    await page.goto(at(slug, '/tickets/new'));
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel(/^Description|^What/).fill('It burns.');
    await page.getByRole('button', { name: /Send/ }).click();
  };
  await write('Printer on fire');
  await page.getByRole('heading', { name: 'Printer on fire' }).waitFor();
  await write('Another fire');
  await page.getByText(`${slug} can take no more requests this month.`).waitFor();
  assert.equal(await page.getByLabel('Subject').inputValue(), 'Another fire');
  assert.equal(await page.getByText(/plan/i).count(), 0, 'the plan is nobody’s business here');
  await looks(page, 'ticket-refused');
  await close();
});

test('the invoice of a month is read and printed, and paid when an operator says so', async () => {
  planHeldFor(slug, code);
  command('billing', 'run');
  const { page, close } = await window();
  await signIn(page, slug, admin);
  const invoice = page.getByRole('link', { name: /^\d{4}-\d{6}$/ });
  for (let tries = 0; ; tries += 1) {
    await page.goto(at(slug, '/settings/plan'));
    await page.getByRole('heading', { name: 'Plan: Small' }).waitFor();
    await page.getByText(/No invoices yet|to be paid/).waitFor();
    if ((await invoice.count()) === 1 || tries === 20) break;
  }
  await looks(page, 'plan-invoices');
  number = await invoice.innerText();
  await invoice.click();
  await page.getByRole('heading', { name: `Invoice ${number}` }).waitFor();
  await page.getByText(`Plan ${code}`).waitFor();
  await page.getByText('-€9.50').waitFor();
  await looks(page, 'invoice');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await picture(page, 'invoice-print');
  assert.ok(await page.getByRole('heading', { name: `Invoice ${number}` }).isVisible());
  for (const name of ['Members', 'Plan and usage']) {
    assert.equal(await page.getByRole('link', { name }).count(), 0, `${name} is not printed`);
  }
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });

  await go(desk.page, 'Invoices');
  await desk.page.getByLabel('Tenant').fill(slug);
  await desk.page.getByRole('button', { name: 'Filter' }).click();
  await desk.page.getByRole('row', { name: new RegExp(number) }).waitFor();
  await looks(desk.page, 'operator-invoices-of');
  await desk.page.getByRole('link', { name: number }).click();
  await desk.page.getByRole('button', { name: 'Void…' }).click();
  await desk.page.getByRole('button', { name: `Void ${number}` }).click();
  await desk.page.getByText('This is not the name.').waitFor();
  await looks(desk.page, 'operator-invoice-void');
  await desk.page.getByRole('button', { name: 'Cancel' }).click();
  await desk.page.getByRole('button', { name: 'Mark as paid…' }).click();
  await desk.page.getByLabel('Payment').fill('T-2026-7');
  await desk.page.getByRole('button', { name: `Mark ${number} as paid` }).click();
  await desk.page.getByText(`${number} is paid.`).waitFor();
  await looks(desk.page, 'operator-invoice');

  await page.reload();
  await page.getByText(/Paid on .*: T-2026-7/).waitFor();
  await close();
});

test('an admin asks for all data and takes it home', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/exports'));
  await page.getByText('No exports yet').waitFor();
  await looks(page, 'exports-none');
  await page.getByRole('button', { name: 'Ask for an export' }).click();
  const take = page.getByRole('button', { name: /^Download the export/ });
  await take.waitFor({ timeout: 120_000 });
  await looks(page, 'exports');
  const begun = page.waitForEvent('download');
  await take.click();
  const download = await begun;
  assert.match(download.suggestedFilename(), new RegExp(`^${slug}-\\d{4}-\\d\\d-\\d\\d\\.tar$`));
  const archive = readFileSync(await download.path());
  // The name of its first entry, and where tar says that it is one.
  assert.match(archive.subarray(0, 100).toString('utf8'), /README/);
  assert.equal(archive.subarray(257, 262).toString('utf8'), 'ustar');
  await close();
});

test('in French the same is said in French', async () => {
  const { page, close } = await window({ locale: 'fr-FR' });
  await page.addInitScript(() => localStorage.setItem('hd-language', 'fr'));
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/plan'));
  await page.getByRole('heading', { name: 'Offre : Small' }).waitFor();
  await page.getByText(/49,00\s€ par mois/).waitFor();
  await looks(page, 'plan-fr');
  await page.getByRole('link', { name: number }).click();
  await page.getByRole('heading', { name: `Facture ${number}` }).waitFor();
  await page.getByText(/Taxe \(\d+\s%\)/).waitFor();
  await looks(page, 'invoice-fr');
  await go(page, 'Export des données');
  await page.getByRole('button', { name: /^Télécharger l’export/ }).waitFor();
  await looks(page, 'exports-fr');
  await close();
  await desk.close();
});
