// Those who run the platform: in by two factors, at an address of their own, and what they do there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { command } from './command.mjs';
import { addOperator, signInAsOperator } from './operators.mjs';
import { accessible, ask, at, closeBrowser, newOrganisation, picture, window } from './world.mjs';

const slug = `run-${Date.now().toString(36)}`;
const email = `olga@${slug}.example`;
let password;

before(async () => {
  password = addOperator(email);
  const { page, close } = await window();
  await newOrganisation(page, slug, `ada@${slug}.example`);
  await close();
});

after(async () => {
  command('operators', 'remove', email, '--yes');
  await closeBrowser();
});

test('an operator signs in, suspends an organisation and lets it go on', async () => {
  const { page, close } = await window({ viewport: { width: 1280, height: 860 } });
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.goto(at('admin', '/'));
  await page.getByRole('heading', { name: 'Sign in to the platform' }).waitFor();
  await accessible(page, 'operator-sign-in');
  await signInAsOperator(page, email, password);
  const row = page.getByRole('row', { name: new RegExp(slug) });
  await row.getByText('active').waitFor();
  await accessible(page, 'operator-tenants');
  await row.getByRole('link', { name: slug }).click();

  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByRole('button', { name: `Suspend ${slug}` }).click();
  await page.getByText(`${slug} is suspended.`).waitFor();
  await accessible(page, 'operator-tenant');
  const { body } = await ask(page, 'GET', `/api/v1/tenants/${slug}/status`);
  assert.equal(body.status, 'suspended');

  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('button', { name: `Resume ${slug}` }).click();
  await page.getByText(`${slug} is served again.`).waitFor();

  await page.getByRole('link', { name: 'What was done with it' }).click();
  await page.getByRole('button', { name: /TenantResumed/ }).waitFor();
  await page.getByRole('button', { name: /TenantSuspended/ }).waitFor();
  await page.getByRole('link', { name: 'Jobs' }).click();
  await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
  await accessible(page, 'operator-jobs');
  for (const name of ['Clusters', 'Migrations', 'Backups', 'Plans', 'Invoices', 'Audit log']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByRole('alert').count(), 0, `${name} is answered`);
    await accessible(page, `operator-${name.toLowerCase().replace(' ', '-')}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'operator-trail-phone');

  await page.getByRole('button', { name: /Olga/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to the platform' }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'nothing is kept');
  assert.ok(fetched.some((path) => /\/assets\/operator-/.test(path)));
  await close();
});

test('elsewhere there are no such pages, and nobody downloads them', async () => {
  const { page, close } = await window();
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.goto(at(slug, '/tenants'));
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.goto(at(slug, '/login'));
  await page.getByLabel('Password').waitFor();
  assert.deepEqual(
    fetched.filter((path) => /\/assets\/operator-/.test(path)),
    [],
  );
  const { status } = await ask(page, 'GET', '/api/v1/operator/tenants');
  assert.equal(status, 404);
  await close();
});
