// Every main screen in French, in the dark, on a phone, and offline.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tokenFor } from './mailbox.mjs';
import {
  accessible,
  at,
  callAs,
  closeBrowser,
  enterPassword,
  newCustomer,
  newOrganisation,
  signIn,
  window,
} from './world.mjs';

const slug = `look-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const customer = `chloe@${slug}.example`;
const FRENCH = { locale: 'fr-FR' };
const DARK = { colorScheme: 'dark' };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** An organisation with an admin, a customer and three tickets; made through the API. */
before(async () => {
  const { page, close } = await window();
  await newOrganisation(page, slug, admin, 'fr');
  await newCustomer(page, customer, 'Chloé');
  for (const subject of ['Écran fissuré', 'Facture introuvable', 'Battery does not charge']) {
    const body = { subject, description: 'Bonjour,\n\n- un\n- deux\n\nMerci !' };
    const opened = await callAs(page, customer, 'POST', '/api/v1/tickets', body);
    assert.equal(opened.status, 201, JSON.stringify(opened.body));
  }
  await close();
});

after(closeBrowser);

test('whoever comes with a French browser is spoken to in French', async () => {
  const { page, close } = await window(FRENCH);
  await page.goto(at('app'));
  await page.getByRole('heading', { name: 'Ouvrez votre assistance' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  await page.goto(at(slug, '/login'));
  await page.getByRole('heading', { name: 'Connexion' }).waitFor();
  await accessible(page, 'sign-in-fr');
  await close();
});

test('the console follows its person’s language, until another one is chosen', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.getByRole('link', { name: /^Non assignés/ }).click();
  await page.getByRole('link', { name: /Écran fissuré/ }).click();
  await page.getByLabel('Réponse à Chloé').waitFor();
  await accessible(page, 'console-fr');
  await page.getByRole('button', { name: /^Compte et réglages/ }).click();
  await page.getByRole('menuitemradio', { name: 'English' }).click();
  await page.getByLabel('Reply to Chloé').waitFor();
  await page.reload();
  await page.getByLabel('Reply to Chloé').waitFor();
  await close();
});

test('the console in the dark, with its menus', async () => {
  const { page, close } = await window(DARK);
  await signIn(page, slug, admin);
  await page.getByRole('link', { name: /^Tous/ }).click();
  await page.getByRole('link', { name: /Écran fissuré/ }).click();
  await page.getByLabel('Réponse à Chloé').waitFor();
  assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark');
  await accessible(page, 'console-dark');
  await page.getByRole('button', { name: /^Statut/ }).click();
  await page.getByRole('menuitem', { name: 'En cours' }).waitFor();
  await accessible(page, 'console-dark-status');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Écran fissuré' }).click();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await accessible(page, 'console-dark-keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: /^Priorité/ }).waitFor();
  await accessible(page, 'console-dark-palette');
  await page.getByRole('combobox', { name: 'Commande, page ou ticket' }).fill('priorité');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Urgente' }).waitFor();
  await close();
});

test('the console on a phone: the list, then the ticket, then back', async () => {
  const { page, close } = await window(PHONE);
  await signIn(page, slug, admin);
  await page.getByRole('button', { name: /^Vue/ }).click();
  await page.getByRole('menuitem', { name: 'Tous' }).click();
  await page.getByRole('link', { name: /Écran fissuré/ }).waitFor();
  await accessible(page, 'console-phone');
  await page.getByRole('link', { name: /Écran fissuré/ }).click();
  await page.getByLabel('Réponse à Chloé').waitFor();
  await accessible(page, 'console-phone-ticket');
  await page.getByRole('button', { name: 'Afficher les détails' }).click();
  await page.getByRole('dialog').getByText('Autres tickets').waitFor();
  await accessible(page, 'console-phone-details');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Retour à la liste' }).click();
  await page.getByRole('link', { name: /Facture introuvable/ }).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await close();
});

test('the settings on a phone, in the dark, in French', async () => {
  const { page, close } = await window({ ...FRENCH, ...DARK, ...PHONE });
  await signIn(page, slug, admin);
  await page.getByText('Votre adresse e-mail n’est pas encore confirmée').waitFor();
  await page.getByRole('link', { name: 'Réglages' }).click();
  await page.getByRole('row', { name: /Ada Martin/ }).waitFor();
  await page.getByLabel('Adresse e-mail').fill(`bo@${slug}.example`);
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByRole('alert').getByText('Confirmez d’abord').waitFor();
  await accessible(page, 'settings-members-dark-phone');
  await page.getByText('Clients', { exact: true }).click();
  await page.getByRole('button', { name: /^Rôle de Chloé Martin/ }).click();
  await page.getByRole('menuitem', { name: /^Administrateur/ }).click();
  await page.getByRole('dialog', { name: 'Nommer Chloé Martin administrateur ?' }).waitFor();
  await accessible(page, 'settings-confirm-dark-phone');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Organisation' }).click();
  await page.getByLabel('Nom de l’organisation').waitFor();
  await accessible(page, 'settings-organisation-dark-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await close();
});

test('account, security, keys and log on a phone, in the dark, in French', async () => {
  const { page, close } = await window({ ...FRENCH, ...DARK, ...PHONE });
  await signIn(page, slug, admin);
  for (const [path, words, screen] of [
    ['/account', 'ce navigateur', 'account'],
    ['/settings/security', 'Accès de notre support', 'settings-security'],
    ['/settings/api-keys', 'Pas encore de clé', 'settings-keys'],
    ['/settings/audit', 'UserCreated', 'settings-audit'],
  ]) {
    await page.goto(at(slug, path));
    await page.getByText(words).first().waitFor();
    await accessible(page, `${screen}-dark-phone`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${path} is ${wide} pixels wide`);
  }
  await page
    .getByRole('button', { name: /UserCreated/ })
    .first()
    .click();
  await page.getByRole('columnheader', { name: 'Après' }).waitFor();
  await accessible(page, 'settings-audit-details-dark-phone');
  await page.goto(at(slug, '/settings/security'));
  await page.getByRole('button', { name: 'Configurer l’authentification unique' }).click();
  await page.getByLabel('Émetteur').waitFor();
  await accessible(page, 'settings-sso-dark-phone');
  await close();
});

test('the doors of those who cannot come in, on a phone, in the dark, in French', async () => {
  const { page, close } = await window({ ...FRENCH, ...DARK, ...PHONE });
  await page.goto(at(slug, '/login'));
  await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).waitFor();
  await accessible(page, 'sign-in-dark-phone');
  await page.getByLabel('Adresse e-mail').fill(customer);
  await page.getByRole('button', { name: 'M’envoyer plutôt un lien' }).click();
  await page.getByRole('heading', { name: 'Consultez votre boîte e-mail' }).waitFor();
  await accessible(page, 'magic-sent-dark-phone');
  await page.goto(at(slug, `/magic?token=${await tokenFor(customer, '/magic')}`));
  await page.getByRole('button', { name: 'Se connecter' }).waitFor();
  await accessible(page, 'magic-dark-phone');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('heading', { name: 'Mes tickets' }).waitFor();
  await page.goto(at(slug, '/account'));
  await page.getByText('ce navigateur').waitFor();
  await accessible(page, 'portal-account-dark-phone');
  await page.goto(at(slug, `/reset?token=${'x'.repeat(43)}`));
  await page.getByLabel('Nouveau mot de passe').waitFor();
  await accessible(page, 'reset-dark-phone');
  await page.goto(at(slug, '/verify-address?token=cut'));
  await page.getByRole('heading', { name: 'Ce lien ne fonctionne plus' }).waitFor();
  await accessible(page, 'verify-address-spent-dark-phone');
  await close();
});

test('the portal on a phone, in the dark, in French', async () => {
  const { page, close } = await window({ ...FRENCH, ...DARK, ...PHONE });
  await signIn(page, slug, customer);
  await page.getByRole('heading', { name: 'Mes tickets' }).waitFor();
  await accessible(page, 'portal-dark-phone');
  await page.getByRole('link', { name: /Facture introuvable/ }).click();
  await page.getByLabel('Votre message').waitFor();
  await accessible(page, 'portal-ticket-dark-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await close();
});

test('without a network the page says so, and catches up when it is back', async () => {
  const { page, close } = await window();
  await signIn(page, slug, admin);
  await page.getByRole('link', { name: /^Tous/ }).click();
  await page.getByRole('link', { name: /Écran fissuré/ }).waitFor();
  await page.context().setOffline(true);
  await page.getByText('Hors ligne.').waitFor();
  await accessible(page, 'console-offline');
  const other = await window();
  await other.page.goto(at(slug, '/login'));
  const opened = await callAs(other.page, customer, 'POST', '/api/v1/tickets', {
    subject: 'Pendant la coupure',
    description: 'Vu après ?',
  });
  assert.equal(opened.status, 201);
  await other.close();
  await page.context().setOffline(false);
  await page.getByRole('link', { name: /Pendant la coupure/ }).waitFor();
  await page.getByText('Hors ligne.').waitFor({ state: 'hidden' });
  await close();
});

test('all tabs share one live line, and another tab takes over when its holder closes', async () => {
  const { page: first, close } = await window();
  await signIn(first, slug, admin);
  await first.getByRole('navigation', { name: 'Vues' }).waitFor();
  await first.goto(at(slug, '/?view=all'));
  await first.getByRole('link', { name: /Écran fissuré/ }).waitFor();
  const tab = () => first.context().newPage();
  const [second, third] = [await tab(), await tab()];
  const lines = [];
  for (const page of [second, third]) {
    page.on('request', (request) => request.url().endsWith('/api/v1/live') && lines.push(page));
    await page.goto(at(slug, '/?view=all'));
    await page.getByRole('link', { name: /Écran fissuré/ }).waitFor();
  }
  const open = (subject) =>
    callAs(third, customer, 'POST', '/api/v1/tickets', { subject, description: 'Bonjour' });
  assert.equal((await open('Pour tous les onglets')).status, 201);
  for (const page of [first, second, third]) {
    await page.getByRole('link', { name: /Pour tous les onglets/ }).waitFor();
  }
  assert.equal(lines.length, 0, 'the other tabs have opened a line of their own');
  await first.close();
  await third.waitForTimeout(800);
  assert.equal(lines.length, 1, 'nobody took over, or more than one');
  assert.equal((await open('Après la relève')).status, 201);
  for (const page of [second, third]) {
    await page.getByRole('link', { name: /Après la relève/ }).waitFor();
  }
  await close();
});

test('an address without an organisation, and a page that does not exist, say so', async () => {
  const { page, close } = await window();
  await page.goto(at(`no-${slug}`, '/login'));
  await page.getByRole('heading', { name: 'There is no helpdesk here' }).waitFor();
  await accessible(page, 'no-helpdesk');
  await page.goto(at(slug, '/nowhere'));
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.goto(at(slug, '/verify?token=spent'));
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  await page.getByRole('link', { name: 'To the sign-in' }).waitFor();
  await accessible(page, 'verify-spent');
  await page.goto(at(slug, '/invitation'));
  await page.getByRole('heading', { name: 'This invitation no longer works' }).waitFor();
  await accessible(page, 'invitation-spent');
  await close();
});

test('a deep link survives the sign-in, and nothing outside is followed', async () => {
  const { page, close } = await window();
  await page.goto(at(slug, '/?view=all'));
  await page.waitForURL(/\/login\?next=/);
  await signInHere(page);
  await page.getByRole('link', { name: /Écran fissuré/ }).waitFor();
  assert.match(page.url(), /view=all/);
  const outside = await window();
  await outside.page.goto(at(slug, '/login?next=//evil.example'));
  await signInHere(outside.page);
  await outside.page.getByRole('navigation', { name: 'Vues' }).waitFor();
  assert.equal(new URL(outside.page.url()).hostname.startsWith(slug), true);
  await outside.close();
  await close();
});

async function signInHere(page) {
  await page.getByLabel('E-mail address').fill(admin);
  await enterPassword(page, admin);
}
