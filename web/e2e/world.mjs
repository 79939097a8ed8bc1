// What all browser tests stand on: the stack's addresses, a browser, and its people.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

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

/** Signs somebody in through the page. */
export async function signIn(page, slug, email, password = PASSWORD) {
  await page.goto(at(slug, '/login'));
  await page.getByLabel(/^(E-mail address|Adresse e-mail)$/).fill(email);
  await page.getByLabel(/^(Password|Mot de passe)$/).fill(password);
  await page.getByRole('button', { name: /^(Sign in|Se connecter)$/ }).click();
}

/** Calls the API as somebody else's program would: with a token, from the organisation's own origin. */
export async function callAs(page, email, method, path, body, password = PASSWORD) {
  return page.evaluate(
    async ([email, password, method, path, body]) => {
      const ask = async (path, method, body, token) => {
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
      };
      const login = await ask('/api/v1/auth/login', 'POST', { email, password });
      return ask(path, method, body, login.body.access_token);
    },
    [email, password, method, path, body],
  );
}
