// Those who run the platform, as the browser's tests meet them.
import { codeAt, stepNow } from './authenticator.mjs';
import { command } from './command.mjs';
import { note } from './issued.mjs';

/** Adds somebody who runs the platform; answers with their password. */
export function addOperator(email) {
  const password = command('operators', 'add', email, '--name', 'Olga')
    .trim()
    .split('\n')
    .at(-1)
    .trim();
  note("operator's password", password);
  return password;
}

/** From the first password to the page that was asked for; an authenticator app is set up on the way. */
export async function signInAsOperator(page, email, password) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  const secret = await page.locator('code').first().innerText();
  await page.getByLabel('Code of the app').fill(codeAt(secret, stepNow()));
  await page.locator('#content').waitFor();
}
