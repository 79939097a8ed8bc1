// The ways into an account and an organisation that are opened and closed again: another address,
// the customers' link, and the access of our support.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshCode } from './authenticator.mjs';
import { tokenFor } from './mailbox.mjs';
import { proofsAgeFor } from './past.mjs';
import {
  accessible,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  PASSWORD,
  signIn,
  window,
} from './world.mjs';

const slug = `ways-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const moved = `chloe.martin@${slug}.example`;
const ADDRESS_CHANGED = 'Your address is changed';

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await newCustomer(page, customer, 'Chloé');
  await close();
});

after(closeBrowser);

/** A window of the administrator, on Settings > Security. */
async function securityPage() {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.goto(at(slug, '/settings/security'));
  await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
  return { page, close };
}

/** Opens the newest link that a mailbox got about its address, and presses its button. */
async function followAddressLink(page, email) {
  await page.goto(at(slug, `/verify-address?token=${await tokenFor(email, '/verify-address')}`));
  await page.getByRole('button', { name: 'Use this address' }).click();
  await page.getByRole('heading', { name: ADDRESS_CHANGED }).waitFor();
}

test('the customers’ link is offered while the switch is on, and signs a customer in', async () => {
  const { page, close } = await securityPage();
  const offer = page.getByRole('switch', { name: /^Offer a link by e-mail/ });
  await offer.waitFor();
  assert.equal(await offer.isChecked(), true);
  const turn = async () => {
    const saved = page.waitForResponse((one) => one.request().method() === 'PATCH');
    await offer.click({ force: true });
    assert.equal((await saved).status(), 200);
  };
  await turn();
  const there = await window();
  const ask = there.page.getByRole('button', { name: 'Send me a link instead' });
  const methods = () =>
    there.page.waitForResponse((one) => one.url().endsWith('/api/v1/auth/methods'));
  await Promise.all([methods(), there.page.goto(at(slug, '/login'))]);
  await there.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  assert.equal(await ask.count(), 0);

  await turn();
  await accessible(page, 'customers-link');
  await there.page.reload();
  await ask.waitFor();
  await there.page.getByLabel('E-mail address').fill(customer);
  await ask.click();
  await there.page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  await there.page.goto(at(slug, `/magic?token=${await tokenFor(customer, '/magic')}`));
  await accessible(there.page, 'magic-link');
  await there.page.getByRole('button', { name: 'Sign in' }).click();
  await there.page.getByRole('heading', { name: 'My tickets' }).waitFor();
  await there.close();
  await close();
});

test('our support is let in for a reason by whoever proves anew who they are, and out again', async () => {
  const { page, close } = await securityPage();
  const section = page.getByRole('region', { name: 'Access for our support' });
  const open = section.getByText('Our support may look in until');
  await section.getByRole('button', { name: 'Let support in' }).click();
  await section.getByText('Please fill this in').waitFor();
  await section.getByLabel('What for').fill('Ticket 4711 does not open');
  await section.getByLabel('For how long').selectOption('1');
  proofsAgeFor(admin);
  await section.getByRole('button', { name: 'Let support in' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  const code = dialog.getByLabel('Six-digit code');
  await code.fill('000000');
  await dialog.getByText('This code is not right').waitFor();
  await accessible(page, 'step-up-wrong');
  await code.fill(await freshCode(admin));
  await open.waitFor();
  await section.getByText('Ticket 4711 does not open').waitFor();
  await accessible(page, 'support-open');

  await section.getByRole('button', { name: 'End the access' }).click();
  const asked = page.getByRole('dialog', { name: 'End the access of our support?' });
  await asked.getByRole('button', { name: 'End the access' }).click();
  await section.getByRole('button', { name: 'Let support in' }).waitFor();
  await open.waitFor({ state: 'detached' });
  await section.getByText('1 earlier access').click();
  await section.getByText(/Ticket 4711 does not open/).waitFor();
  await accessible(page, 'support-ended');
  await close();
});

test('another address counts when its link was opened, and the old one can take it back', async () => {
  const here = await window();
  await signIn(here.page, slug, customer);
  await here.page.goto(at(slug, '/account'));
  const section = here.page.getByRole('region', { name: 'E-mail address' });
  await section.getByText(`You sign in with ${customer}.`).waitFor();
  await section.getByLabel('New address').fill(moved);
  await section.getByLabel('Current password').fill('not my password');
  await section.getByRole('button', { name: 'Change the address' }).click();
  await section.getByText('This is not your password.').waitFor();
  await section.getByLabel('Current password').fill(PASSWORD);
  await section.getByRole('button', { name: 'Change the address' }).click();
  await section.getByText(`A link is on its way to ${moved}.`).waitFor();
  await accessible(here.page, 'address-asked');

  const { page, close } = await window();
  await followAddressLink(page, moved);
  await accessible(page, 'address-changed');
  await here.page.reload();
  await section.getByText(`You sign in with ${moved}.`).waitFor();

  // What a thief had changed is undone from the old mailbox: everybody is out, with a new password.
  await followAddressLink(page, customer);
  await here.page.reload();
  await here.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await here.close();
  await page.goto(at(slug, `/reset?token=${await tokenFor(customer, '/reset')}`));
  const another = `${PASSWORD}-mine`;
  await page.getByLabel('New password').fill(another);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  await signIn(page, slug, customer, another);
  await page.getByRole('heading', { name: 'My tickets' }).waitFor();
  await close();
});
