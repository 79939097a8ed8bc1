// How people guard their accounts, and what an organisation sees of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeAt, freshCode, recoveryCode, remember, stepNow } from './authenticator.mjs';
import { tokenFor } from './mailbox.mjs';
import {
  accessible,
  ask,
  at,
  closeBrowser,
  newCustomer,
  newOrganisation,
  PASSWORD,
  signIn,
  window,
} from './world.mjs';

const slug = `safe-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const NEW_PASSWORD = 'walnut-ferry-copper-71';

before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin);
  await newCustomer(page, customer, 'Chloé');
  await close();
});

after(closeBrowser);

/** Types address and password, and no more. */
async function begin(page, email, password = PASSWORD) {
  await page.goto(at(slug, '/login'));
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Opens the settings' page of this name. */
async function settings(page, name) {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Proves who one is, if the page asks; done when `next` is there. */
async function proveWith(page, email, next) {
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.or(next).first().waitFor();
  if (await dialog.isVisible()) {
    await dialog.getByLabel('Six-digit code').fill(await freshCode(email));
    await next.waitFor();
  }
}

test('an administrator comes in only after setting up a second factor', async () => {
  const { page, close } = await window();
  await begin(page, admin);
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  await accessible(page, 'enrolment');
  const secret = await page.locator('code').first().innerText();
  await page.getByLabel('Code of the app').fill('000000');
  await page.getByRole('alert').getByText('This code does not fit').waitFor();
  const used = stepNow();
  await page.getByLabel('Code of the app').fill(codeAt(secret, used));
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  await accessible(page, 'recovery-codes');
  const codes = await page
    .getByRole('list', { name: 'Recovery codes' })
    .locator('code')
    .allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  remember(admin, { secret, codes, used });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `${slug}-recovery-codes.txt`);
  assert.equal(await page.getByRole('button', { name: 'Continue' }).isDisabled(), true);
  await page.getByLabel('I have saved these codes').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await close();
});

test('the app’s code opens the door, and each code once', async () => {
  const { page, close } = await window();
  await begin(page, admin);
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
  await accessible(page, 'second-factor');
  const field = page.getByLabel('Six-digit code');
  await field.fill('000000');
  await page.getByRole('alert').getByText('This code is not right').waitFor();
  const code = await freshCode(admin);
  await field.pressSequentially(code);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  const second = await window();
  await begin(second.page, admin);
  await second.page.getByLabel('Six-digit code').fill(code);
  await second.page.getByRole('alert').getByText('was used already').waitFor();
  await second.close();
  await close();
});

test('a recovery code opens the door once', async () => {
  const code = recoveryCode(admin);
  for (const good of [true, false]) {
    const { page, close } = await window();
    await begin(page, admin);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(code);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page
      .getByRole('navigation', { name: 'Views' })
      .or(page.getByRole('alert').getByText('This code is not right'))
      .waitFor();
    assert.equal(await page.getByRole('alert').count(), good ? 0 : 1);
    await close();
  }
});

test('a passkey is made, signs in alone, and is removed', async () => {
  const { page, close } = await window();
  await signIn(page, slug, customer);
  await page.getByRole('heading', { name: 'My tickets' }).waitFor();
  const browser = await page.context().newCDPSession(page);
  await browser.send('WebAuthn.enable');
  await browser.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.getByRole('button', { name: /^Account and settings/ }).click();
  await page.getByRole('menuitem', { name: 'Account and security' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByLabel('Name').fill('Kitchen laptop');
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'Kitchen laptop' });
  await row
    .or(page.getByLabel('I have saved these codes'))
    .or(page.getByRole('dialog', { name: 'Confirm that it is you' }))
    .first()
    .waitFor();
  if (await page.getByRole('dialog', { name: 'Confirm that it is you' }).isVisible()) {
    await page.getByRole('dialog').getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await row.or(page.getByLabel('I have saved these codes')).first().waitFor();
  }
  if (await page.getByLabel('I have saved these codes').isVisible()) {
    await page.getByLabel('I have saved these codes').check();
    await page.getByRole('button', { name: 'Continue' }).click();
  }
  await row.waitFor();
  await accessible(page, 'account');

  const asked = (end) =>
    page.waitForResponse((one) => one.url().endsWith(`/api/v1/auth/passkeys/login/${end}`));
  const signOut = async () => {
    await page.getByRole('button', { name: /^Account and settings/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
  };
  // The form offers passkeys by itself, and a finger lies on the sensor already.
  await Promise.all([asked('finish'), signOut()]);
  await page.locator('#content').waitFor();

  // A browser that has no such offers: there is the button.
  const without = () => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  };
  await Promise.all([page.addInitScript(without), page.evaluate(without)]);
  await signOut();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.locator('#content').waitFor();

  await page.goto(at(slug, '/account'));
  await page.getByRole('button', { name: 'Remove “Kitchen laptop”' }).click();
  await page.getByRole('dialog', { name: 'Remove “Kitchen laptop”?' }).waitFor();
  await accessible(page, 'passkey-remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove “Kitchen laptop”' }).click();
  await page.getByText('“Kitchen laptop” was removed.').waitFor();
  await row.waitFor({ state: 'detached' });
  await close();
});

test('a forgotten password is replaced through the mailbox, and ends what was open', async () => {
  const other = await window();
  await signIn(other.page, slug, customer);
  await other.page.getByRole('heading', { name: 'My tickets' }).waitFor();
  const { page, close } = await window();
  await page.goto(at(slug, '/login'));
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await page.getByLabel('E-mail address').fill(customer);
  await accessible(page, 'forgot');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  const link = at(slug, `/reset?token=${await tokenFor(customer, '/reset')}`);
  await page.goto(link);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await accessible(page, 'reset');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  await page.goto(link);
  await page.getByLabel('New password').fill(`${NEW_PASSWORD}-again`);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  await accessible(page, 'reset-spent');
  await other.page.reload();
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await begin(page, customer, NEW_PASSWORD);
  await page.getByRole('heading', { name: 'My tickets' }).waitFor();
  await other.close();
  await close();
});

test('whoever is signed in elsewhere is signed out from here', async () => {
  const there = await window({
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
  await signIn(there.page, slug, customer, NEW_PASSWORD);
  await there.page.getByRole('heading', { name: 'My tickets' }).waitFor();
  const { page, close } = await window();
  await signIn(page, slug, customer, NEW_PASSWORD);
  await page.goto(at(slug, '/account'));
  await page.getByRole('button', { name: 'Sign out: Firefox on Linux' }).click();
  await page.getByText('Firefox on Linux is signed out.').waitFor();
  await there.page.reload();
  await there.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
  await there.close();
  await close();
});

test('an API key is shown once, works, is in the log, and is dead when it is revoked', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await settings(page, 'API keys');
  await page.getByText('No keys yet').waitFor();
  await page.getByLabel('Name').fill('Warehouse robot');
  await page.getByLabel('Read tickets').check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const shown = page.getByTestId('api-key');
  await proveWith(page, admin, shown);
  const key = await shown.innerText();
  assert.match(key, /^hdk_/);
  await accessible(page, 'api-key');
  const list = () => ask(page, 'GET', '/api/v1/tickets', undefined, key);
  assert.equal((await list()).status, 200);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await shown.waitFor({ state: 'detached' });
  await page.getByRole('listitem').filter({ hasText: 'Warehouse robot' }).waitFor();
  assert.equal((await page.content()).includes(key), false, 'the key is still in the page');
  await accessible(page, 'api-keys');

  await page.getByRole('button', { name: 'Revoke “Warehouse robot”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke “Warehouse robot”' }).click();
  await page.getByText('“Warehouse robot” is revoked.').waitFor();
  const until = Date.now() + 10_000;
  while ((await list()).status !== 401 && Date.now() < until) await page.waitForTimeout(300);
  assert.equal((await list()).status, 401);

  await page.getByRole('link', { name: 'Audit log' }).click();
  const made = page.getByRole('button').filter({ hasText: /ApiKeyCreated/ });
  await made.first().click();
  await page.getByText('Warehouse robot').first().waitFor();
  await accessible(page, 'audit-log');
  await page.getByLabel('Action').fill('ApiKeyRevoked');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page
    .getByRole('button')
    .filter({ hasText: /ApiKeyRevoked/ })
    .first()
    .waitFor();
  await made.first().waitFor({ state: 'detached' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'audit-log.csv');
  await close();
});
