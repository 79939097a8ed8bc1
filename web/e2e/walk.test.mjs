// The main job from nothing to the end, as people do it, on the real stack.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { tokenFor } from './mailbox.mjs';
import {
  accessible,
  at,
  callAs,
  closeBrowser,
  PASSWORD,
  picture,
  signIn,
  window,
} from './world.mjs';

const slug = `walk-${Date.now().toString(36)}`;
const admin = `ada@${slug}.example`;
const agent = `lea@${slug}.example`;
const customer = `chloe@${slug}.example`;
const SUBJECT = 'Washing machine: error E18';

after(closeBrowser);

test('an organisation signs up, and its customer’s ticket is answered, resolved and confirmed', async (t) => {
  const office = await window();
  const desk = await window();
  const home = await window({ viewport: { width: 390, height: 844 }, hasTouch: true });
  let broken = false;
  /** One step of the walk; after one that fails, the others would only fail for its sake. */
  const step = (name, work) =>
    t.test(name, async (t) => {
      if (broken) return t.skip('an earlier step failed');
      try {
        await work();
      } catch (error) {
        broken = true;
        for (const [name, { page }] of Object.entries({ office, desk, home })) {
          await picture(page, `failed-${name}`);
        }
        throw error;
      }
    });
  await step('a visitor signs an organisation up and watches it being built', async () => {
    const { page } = office;
    await page.goto(at('app'));
    await page.waitForURL('**/signup');
    await page.getByLabel('Name of the organisation').fill(slug);
    assert.equal(await page.getByLabel('Address of the helpdesk').inputValue(), slug);
    await page.getByText('This address is free.').waitFor();
    await accessible(page, 'sign-up');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('First name').fill('Ada');
    await page.getByLabel('Last name').fill('Admin');
    await page.getByLabel('E-mail address').fill(admin);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await accessible(page, 'sign-up-account');
    await page.getByRole('button', { name: 'Create the helpdesk' }).click();
    await page.getByText('A database of your own').waitFor();
    await page.getByRole('link', { name: 'Go to my helpdesk' }).waitFor();
    await accessible(page, 'sign-up-ready');
    await page.getByRole('link', { name: 'Go to my helpdesk' }).click();
    await page.waitForURL(`${at(slug, '/login')}?email=${encodeURIComponent(admin)}`);
  });

  await step('the address is taken from then on', async () => {
    const { page, close } = await window();
    await page.goto(at('app', '/signup'));
    await page.getByLabel('Name of the organisation').fill('Another');
    await page.getByLabel('Address of the helpdesk').fill(slug);
    await page.getByText('This address is taken.').waitFor();
    await page.goto(at('app', '/find'));
    await page.getByLabel('Address of the helpdesk').fill(slug);
    await page.getByRole('button', { name: 'Go there' }).click();
    await page.waitForURL(at(slug, '/login'));
    await close();
  });

  await step('the admin confirms the address, signs in and stays signed in', async () => {
    const { page } = office;
    const link = at(slug, `/verify?token=${await tokenFor(admin, '/verify')}`);
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm my address' }).waitFor();
    await accessible(page, 'verify');
    // Opening the link, as a virus scanner does, has not used it up.
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    await accessible(page, 'verified');
    await signIn(page, slug, admin, 'not the password');
    await page.getByText('The e-mail address or the password is not right.').waitFor();
    await accessible(page, 'sign-in-refused');
    await signIn(page, slug, admin);
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    await page.reload();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    await accessible(page, 'console-empty');
  });

  await step('an agent is invited and accepts', async () => {
    await office.page.getByRole('link', { name: 'Settings' }).click();
    await office.page.getByRole('row', { name: /Ada Admin/ }).waitFor();
    await office.page.getByLabel('E-mail address').fill(agent);
    await office.page.keyboard.press('Enter');
    await office.page.getByText(`An invitation is on its way to ${agent}.`).waitFor();
    await office.page.getByRole('heading', { name: 'Open invitations' }).waitFor();
    await accessible(office.page, 'settings-members');
    const { page } = desk;
    await page.goto(at(slug, `/invitation?token=${await tokenFor(agent, '/invitation')}`));
    await page.getByLabel('First name').fill('Léa');
    await page.getByLabel('Last name').fill('Morel');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await accessible(page, 'invitation');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    await page.getByRole('link', { name: /^Unassigned/ }).click();
    await page.getByText('All caught up').waitFor();
    // Agents keep their own replies there; whoever follows a link to what others set is told so.
    const link = await page.context().newPage();
    await link.goto(at(slug, '/settings/members'));
    await link.getByText('These settings are not yours').waitFor();
    await link.close();
  });

  await step(
    'the admin changes a role, is asked before a removal, and keeps another’s change',
    async () => {
      const { page } = office;
      await page.reload();
      await page.getByRole('button', { name: 'Role of Léa Morel: Agent. Change' }).click();
      await accessible(page, 'settings-role');
      await page.getByRole('menuitem', { name: /^Manager/ }).click();
      await page.getByText('Léa Morel: Manager').waitFor();
      await page.getByRole('button', { name: 'Role of Léa Morel: Manager. Change' }).click();
      await page.getByRole('menuitem', { name: /^Agent/ }).click();
      await page.getByText('Léa Morel: Agent').waitFor();
      await page.getByRole('button', { name: 'Remove Léa Morel' }).click();
      await page.getByRole('dialog', { name: 'Remove Léa Morel?' }).waitFor();
      await accessible(page, 'settings-remove');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('link', { name: 'Organisation' }).click();
      await page.getByLabel('Close waiting tickets after').fill('10');
      const changed = await callAs(page, admin, 'PATCH', '/api/v1/tenant', { locale: 'fr' });
      assert.equal(changed.status, 200, JSON.stringify(changed.body));
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Somebody else changed these settings meanwhile.').waitFor();
      await accessible(page, 'settings-organisation');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      const now = await callAs(page, admin, 'GET', '/api/v1/tenant');
      assert.equal(now.body.waiting_close_days, 10);
      assert.equal(now.body.locale, 'fr');
      await callAs(page, admin, 'PATCH', '/api/v1/tenant', { locale: 'en' });
      await page.getByRole('link', { name: 'Tickets' }).click();
    },
  );

  await step('a customer registers on a phone, and cannot sign in before confirming', async () => {
    const { page } = home;
    await page.goto(at(slug));
    await page.waitForURL(/\/login/);
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('First name').fill('Chloé');
    await page.getByLabel('Last name').fill('Petit');
    await page.getByLabel('E-mail address').fill(customer);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await accessible(page, 'register-phone');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    await signIn(page, slug, customer);
    await page.getByText('Please confirm your e-mail address first').waitFor();
    await page.goto(at(slug, `/verify?token=${await tokenFor(customer, '/verify')}`));
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    await signIn(page, slug, customer);
    await page.getByRole('heading', { name: 'My tickets' }).waitFor();
    await accessible(page, 'portal-empty-phone');
  });

  await step('their new ticket appears in the agent’s console without a reload', async () => {
    const { page } = home;
    await page.getByRole('link', { name: 'New ticket' }).first().click();
    await page.getByLabel('Subject').fill(SUBJECT);
    await page
      .getByLabel('Description')
      .fill('It stops in the middle.\n\nThe **door** stays shut.');
    await accessible(page, 'portal-new-phone');
    const opened = Date.now();
    await page.getByRole('button', { name: 'Send the ticket' }).click();
    await desk.page.getByRole('link', { name: new RegExp(SUBJECT) }).waitFor();
    assert.ok(Date.now() - opened < 5000, 'it took longer than 5 s');
    await page.getByRole('heading', { name: SUBJECT }).waitFor();
    await accessible(page, 'portal-ticket-phone');
  });

  await step('the agent takes it with the keyboard alone', async () => {
    const { page } = desk;
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.matches('[data-index="0"]'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: SUBJECT }).waitFor();
    await page.getByText('door', { exact: true }).waitFor();
    await page.keyboard.press('a');
    await page.locator('[data-combobox-selected]').filter({ hasText: 'Assign to me' }).waitFor();
    await page.waitForFunction(() =>
      document.activeElement?.matches('[placeholder="Find a colleague"]'),
    );
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Status: In progress. Change' }).waitFor();
    await accessible(page, 'console-ticket');
  });

  await step('a note names a colleague, and stays among them', async () => {
    const { page } = desk;
    await page.getByRole('heading', { name: SUBJECT }).click();
    await page.keyboard.press('n');
    await page.getByLabel('Internal note').pressSequentially('@ad');
    await page.getByRole('option', { name: /Ada Admin/ }).waitFor();
    await accessible(page, 'console-mention');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Looks like the March batch.');
    await page.getByText('This note tells Ada Admin.').waitFor();
    await accessible(page, 'console-note');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('article').filter({ hasText: 'March batch' }).waitFor();
  });

  await step('a reply that waits for the customer reaches the portal by itself', async () => {
    const { page } = desk;
    await page.getByRole('heading', { name: SUBJECT }).click();
    await page.keyboard.press('r');
    await page.getByLabel('Reply to Chloé').fill('Which **serial number** is printed on the back?');
    await page.getByRole('button', { name: 'More ways to send' }).click();
    await page.getByRole('menuitem', { name: 'Send and wait for the customer' }).click();
    await page.getByRole('button', { name: /Status: Waiting for the customer/ }).waitFor();
    await home.page.getByText('serial number', { exact: true }).waitFor();
    await home.page.getByText('Your answer is needed').first().waitFor();
    assert.equal(await home.page.getByText('March batch').count(), 0, 'the customer sees the note');
    assert.ok(!(await home.page.content()).includes('March'), 'the note is in the page');
  });

  await step('the customer’s answer sets the ticket going again', async () => {
    await home.page.getByLabel('Your message').fill('SN-9921-07');
    await home.page.getByRole('button', { name: 'Send', exact: true }).click();
    await desk.page.getByRole('article').filter({ hasText: 'SN-9921-07' }).waitFor();
    await desk.page.getByRole('button', { name: 'Status: In progress. Change' }).waitFor();
  });

  await step('what customers write is shown and never run', async () => {
    const evil =
      '<img src=x onerror="document.title=`owned`"> [click](javascript:alert(1)) end-of-it';
    await home.page.getByLabel('Your message').fill(evil);
    await home.page.getByRole('button', { name: 'Send', exact: true }).click();
    const shown = desk.page.getByRole('article').filter({ hasText: 'end-of-it' });
    await shown.waitFor();
    assert.equal(await shown.locator('img, script, a[href^="javascript"]').count(), 0);
    assert.doesNotMatch(await desk.page.title(), /owned/);
  });

  await step('a change on an outdated screen is taken back and explained', async () => {
    const { page } = desk;
    const number = new URL(page.url()).pathname.split('/').pop();
    let release = () => {};
    const released = new Promise((resolve) => {
      release = resolve;
    });
    // The news of the admin's change is held up on its way, as on a slow line.
    await page.route(`**/api/v1/tickets/${number}`, async (route) => {
      if (route.request().method() === 'GET') await released;
      await route.continue().catch(() => {});
    });
    const changed = await callAs(office.page, admin, 'PATCH', `/api/v1/tickets/${number}`, {
      priority: 'high',
    });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    await page.getByRole('button', { name: 'Priority: Medium. Change' }).click();
    await page.getByRole('menuitem', { name: 'Urgent' }).click();
    await page.getByText('Somebody else changed this meanwhile').waitFor();
    await page.getByRole('button', { name: 'Priority: Medium. Change' }).waitFor();
    release();
    await page.getByRole('button', { name: 'Priority: High. Change' }).waitFor();
    await page.unroute(`**/api/v1/tickets/${number}`);
  });

  await step('the agent resolves it, and the customer confirms', async () => {
    const { page } = desk;
    await page.getByRole('heading', { name: SUBJECT }).click();
    await page.keyboard.press('r');
    await page.getByLabel('Reply to Chloé').fill('A replacement is on its way.');
    await page.getByRole('button', { name: 'More ways to send' }).click();
    await page.getByRole('menuitem', { name: 'Send and resolve' }).click();
    await page.getByRole('button', { name: 'Status: Resolved. Change' }).waitFor();
    await home.page.getByRole('heading', { name: 'Is it solved?' }).waitFor();
    await accessible(home.page, 'portal-solved-phone');
    await home.page.getByRole('button', { name: 'No, go on' }).click();
    await page.getByRole('button', { name: 'Status: In progress. Change' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.getByRole('menuitem', { name: 'Resolved' }).click();
    await home.page.getByRole('button', { name: 'Yes, close it' }).click();
    await page.getByText('This ticket is closed: the conversation has ended.').waitFor();
    await home.page.getByText('This ticket is closed.').waitFor();
    await accessible(page, 'console-closed');
  });

  await step('who signs out is out in every tab, and nothing of theirs is left', async () => {
    const { page } = desk;
    const second = await page.context().newPage();
    await second.goto(at(slug));
    await second.getByRole('navigation', { name: 'Views' }).waitFor();
    await page.getByRole('button', { name: /Account and settings/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    for (const tab of [page, second]) {
      await tab.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    }
    await page.goto(at(slug));
    await page.waitForURL(/\/login/);
  });

  for (const { close } of [office, desk, home]) await close();
});
