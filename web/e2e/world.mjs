// What all browser tests stand on: the stack's addresses, a browser, and its people.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { codeAt, proof, remember, stepNow } from './authenticator.mjs';
import { listen } from './issued.mjs';
import { tokenFor } from './mailbox.mjs';

const base = new URL(process.env.HD_BASE ?? 'http://localhost:8080');
const domain = process.env.HD_DOMAIN ?? base.hostname;
const port = process.env.HD_PORT ?? base.port;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The address of one of our sites: `app`, or an organisation's slug. */
export const at = (label, path = '/') =>
  `${base.protocol}//${label}.${domain}${port ? `:${port}` : ''}${path}`;

/** A password that every rule accepts. */
export const PASSWORD = 'plover-kite-anvil-42';

let browser;

/** A window of its own: no cookies, no memory of other windows. Errors on its page fail the test. */
export async function window(options = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  // The policy stays in force for the page; only the checker is put in past it.
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(15_000);
  listen(context);
  const page = await context.newPage();
  const wrong = [];
  const foreign = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) wrong.push(message.text());
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !hostname.endsWith(domain)) foreign.push(request.url());
  });
  return {
    page,
    /** Closes the window; nothing may have gone wrong in it, nor been fetched from elsewhere. */
    async close() {
      await context.close();
      assert.deepEqual(wrong, [], 'errors on the page');
      assert.deepEqual(foreign, [], 'requests to other hosts');
    },
  };
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

/** Keeps a picture of the screen where `SHOTS` names a folder for them. */
export async function picture(page, screen) {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: `${process.env.SHOTS}/${screen}.png` });
}

/** Checks what is on the screen with axe: nothing serious may be found. */
export async function accessible(page, screen) {
  await page.waitForTimeout(350);
  await picture(page, screen);
  await page.evaluate(axe).catch(() => page.addScriptTag({ content: axe }));
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  const serious = found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  assert.deepEqual(serious, [], `axe on ${screen}`);
}

/** An organisation with its admin, made through the API; `page` is then at its door. */
export async function newOrganisation(page, slug, email, locale = 'en') {
  await page.goto(at('app', '/find'));
  const founding = { organisation: slug, slug, email, password: PASSWORD, locale };
  const names = { firstname: 'Ada', lastname: 'Martin' };
  const { status } = await ask(page, 'POST', '/api/v1/tenants', { ...founding, ...names });
  assert.equal(status, 202);
  await page.goto(at('app', `/signup/${slug}`));
  await page.getByRole('link', { name: 'Go to my helpdesk' }).click();
  await page.waitForURL(at(slug, '/login'));
}

/** A customer who has confirmed their address; `page` is at the organisation's door. */
export async function newCustomer(page, email, firstname) {
  const body = { email, password: PASSWORD, firstname, lastname: 'Martin' };
  assert.equal((await ask(page, 'POST', '/api/v1/auth/register', body)).status, 202);
  await prove(page, email);
}

/** Somebody follows the link of the mail that asks whether an address is theirs. */
export async function prove(page, email) {
  const token = await tokenFor(email, '/verify');
  assert.equal((await ask(page, 'POST', '/api/v1/auth/email/verify', { token })).status, 204);
}

/** A ticket that a customer opens; its number. */
export async function newTicket(page, customer, subject) {
  const body = { subject, description: 'Hello' };
  const opened = await callAs(page, customer, 'POST', '/api/v1/tickets', body);
  assert.equal(opened.status, 201, JSON.stringify(opened.body));
  return opened.body.ticket_number;
}

/** Somebody of the staff, asked in by `admin`, who has confirmed their address; `page` is at the organisation's door. */
export async function newColleague(page, admin, { email, role, firstname, lastname }) {
  const asked = await callAs(page, admin, 'POST', '/api/v1/invitations', { email, role });
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const token = await tokenFor(email, '/invitation');
  const body = { token, password: PASSWORD, firstname, lastname };
  const joined = await ask(page, 'POST', '/api/v1/auth/invitations/accept', body);
  assert.ok(joined.status < 300, JSON.stringify(joined.body));
}

/** Where a sign-in can lead to: inside, to a refusal, or to the second factor. */
const OUTCOME = {
  inside: '#content',
  refused: '[role="alert"]',
  challenge: 'h1:text-matches("^(Confirm that it is you|Confirmez que c’est bien vous)$")',
  enrolment: 'h1:text-matches("^(Set up a second factor|Configurer un second facteur)$")',
};

/** Signs somebody in through the page, with a second factor where one is asked for. */
export async function signIn(page, slug, email, password = PASSWORD) {
  await page.goto(at(slug, '/login'));
  await page.getByLabel(/^(E-mail address|Adresse e-mail)$/).fill(email);
  await enterPassword(page, email, password);
}

/** The rest of a sign-in, from the password on. */
export async function enterPassword(page, email, password = PASSWORD) {
  await page.getByLabel(/^(Password|Mot de passe)$/).fill(password);
  await page.getByRole('button', { name: /^(Sign in|Se connecter)$/ }).click();
  await page.locator(Object.values(OUTCOME).join(', ')).first().waitFor();
  if (await page.locator(OUTCOME.challenge).isVisible()) await answerChallenge(page, email);
  else if (await page.locator(OUTCOME.enrolment).isVisible()) await enrol(page, email);
}

/** Shows a recovery code, or the app's when none is left. */
async function answerChallenge(page, email) {
  const { code, recovery_code } = await proof(email);
  if (code) {
    await page.getByLabel(/^(Six-digit code|Code à six chiffres)$/).fill(code);
  } else {
    await page
      .getByRole('button', { name: /^(Use a recovery code|Utiliser un code de secours)$/ })
      .click();
    await page.getByLabel(/^(Recovery code|Code de secours)$/).fill(recovery_code);
    await page.getByRole('button', { name: /^(Confirm|Confirmer)$/ }).click();
  }
  await page.locator(OUTCOME.inside).waitFor();
}

/** Connects an app, keeps the codes, and goes on. */
export async function enrol(page, email) {
  const secret = await page.locator('code').first().innerText();
  const used = stepNow();
  await page.getByLabel(/^(Code of the app|Code de l’application)$/).fill(codeAt(secret, used));
  const codes = page.locator('ol[aria-label] code');
  await codes.first().waitFor();
  remember(email, { secret, codes: await codes.allInnerTexts(), used });
  await page.getByLabel(/^(I have saved these codes|J’ai conservé ces codes)$/).check();
  await page.getByRole('button', { name: /^(Continue|Continuer)$/ }).click();
  await page.locator(OUTCOME.inside).waitFor();
}

/** Calls the API as somebody else's program would: with a token, from the organisation's own origin. */
export async function callAs(page, email, method, path, body, password = PASSWORD) {
  let login = await ask(page, 'POST', '/api/v1/auth/login', { email, password });
  if (login.body.challenge_token) {
    const { challenge_token } = login.body;
    const shown = { challenge_token, ...(await proof(email)) };
    login = await ask(page, 'POST', '/api/v1/auth/2fa/verify', shown);
  }
  if (login.body.enrolment_token) {
    const token = login.body.enrolment_token;
    const { body: made } = await ask(page, 'POST', '/api/v1/auth/2fa/setup', {}, token);
    const used = stepNow();
    const code = codeAt(made.secret, used);
    login = await ask(page, 'POST', '/api/v1/auth/2fa/enable', { code }, token);
    remember(email, { secret: made.secret, codes: login.body.recovery_codes, used });
  }
  return ask(page, method, path, body, login.body.access_token);
}

/** One request from the page's own origin. */
export function ask(page, method, path, body, token) {
  return page.evaluate(
    async ([method, path, body, token]) => {
      const response = await fetch(path, {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body, token],
  );
}
