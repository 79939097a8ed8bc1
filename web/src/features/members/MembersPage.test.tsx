import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Invitation, Member } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { chloe, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { MembersPage } from './MembersPage';

const MEMBERS = 'GET /api/v1/members';
const INVITATIONS = 'GET /api/v1/invitations';
const INVITE = 'POST /api/v1/invitations';

function member({ id, firstname, lastname, email }: typeof chloe, role: Member['role']): Member {
  const joined_at = '2026-11-02T08:00:00Z';
  return {
    id,
    firstname,
    lastname,
    email,
    role,
    email_verified: true,
    two_factor: true,
    vip: false,
    joined_at,
    version: 1,
  };
}
const team = [member(lea, 'admin'), member(tom, 'agent')];

const waiting: Invitation = {
  id: 5,
  email: 'ben@acme.test',
  role: 'manager',
  status: 'pending',
  invited_by: 2,
  expires_at: '2026-11-28T08:00:00Z',
  created_at: '2026-11-21T08:00:00Z',
};

/** The page as Léa sees it, an admin of Acme, with other answers where `table` says so. */
async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({ [MEMBERS]: page(team), [INVITATIONS]: page([]), ...table });
  await show(<MembersPage />, '/settings/members');
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.filter((one) => one.method === method).map(({ path, body }) => ({ path, body }));

async function chooseRole(role: RegExp) {
  await userEvent.click(await screen.findByRole('button', { name: /^Role of Tom Baker/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: role }));
}

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('everybody of the team is there with role, status and date', async () => {
  await open({ [MEMBERS]: page([team[0], { ...team[1], email_verified: false }]) });
  const row = await screen.findByRole('row', { name: /Tom Baker/ });
  for (const words of ['Address not confirmed', 'Nov 2, 2026']) {
    expect(row).toHaveTextContent(words);
  }
  expect(within(row).getByRole('button', { name: /Role of Tom Baker: Agent/ })).toBeVisible();
});

test('nobody changes their own role or removes themselves', async () => {
  await open();
  const row = await screen.findByRole('row', { name: /Léa Morel/ });
  expect(within(row).queryByRole('button')).toBeNull();
  expect(row).toHaveTextContent('(you)');
});

test('another role is sent, and shown when the server has agreed', async () => {
  let role: Member['role'] = 'agent';
  const asked = await open({
    [MEMBERS]: () => page([team[0], { ...team[1], role }]),
    'PATCH /api/v1/members/3': ({ body }) => {
      role = (body as { role: Member['role'] }).role;
      return { body: { ...team[1], role } };
    },
  });
  await chooseRole(/^Manager/);
  expect(await screen.findByText('Tom Baker: Manager')).toBeInTheDocument();
  expect(await screen.findByRole('button', { name: /Tom Baker: Manager/ })).toBeInTheDocument();
  expect(sent(asked, 'PATCH')).toEqual([{ path: '/api/v1/members/3', body: { role: 'manager' } }]);
});

test('a customer is made a VIP, and shown as one when the server has agreed', async () => {
  let customer = member(chloe, 'customer');
  const asked = await open({
    [MEMBERS]: ({ query }) => page(query.get('role') === 'customer' ? [customer] : team),
    [`PATCH /api/v1/members/${chloe.id}`]: ({ body }) => {
      customer = { ...customer, ...(body as { vip: boolean }) };
      return { body: customer };
    },
  });
  await userEvent.click(await screen.findByRole('radio', { name: 'Customers' }));
  const vip = await screen.findByRole('switch', { name: 'VIP: Chloé Petit' });
  expect(vip).not.toBeChecked();
  await userEvent.click(vip);
  expect(await screen.findByText('Chloé Petit is a VIP from now on.')).toBeInTheDocument();
  await waitFor(() =>
    expect(screen.getByRole('switch', { name: 'VIP: Chloé Petit' })).toBeChecked(),
  );
  expect(sent(asked, 'PATCH')).toEqual([
    { path: `/api/v1/members/${chloe.id}`, body: { vip: true } },
  ]);
});

test('an administrator is made only after a question that names the person', async () => {
  const asked = await open({ 'PATCH /api/v1/members/3': { body: team[1] } });
  await chooseRole(/^Administrator/);
  const dialog = await screen.findByRole('dialog', { name: 'Make Tom Baker an administrator?' });
  expect(sent(asked, 'PATCH')).toEqual([]);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Make administrator' }));
  await waitFor(() => expect(sent(asked, 'PATCH')[0]?.body).toEqual({ role: 'admin' }));
});

test.each([
  [409, 'conflict', /needs at least one administrator/],
  [404, 'not_found', /does not belong to the organisation any more/],
  [403, 'forbidden', /not allowed/],
  [413, 'quota_exceeded', /plan of your organisation allows no more/],
])('a change that is refused with %d %s says why, and shows nothing else', async (...refusal) => {
  const [status, code, words] = refusal;
  await open({
    [MEMBERS]: page([team[0], { ...team[1], role: 'admin' }]),
    'PATCH /api/v1/members/3': problem(status, code),
  });
  await chooseRole(/^Agent/);
  const message = await screen.findByRole('alert');
  expect(message).toHaveTextContent('The role of Tom Baker was not changed.');
  expect(message).toHaveTextContent(words);
  expect(screen.getByRole('button', { name: /Tom Baker: Administrator/ })).toBeInTheDocument();
});

test('somebody is removed after a question that names them', async () => {
  let there = team;
  const asked = await open({
    [MEMBERS]: () => page(there),
    'DELETE /api/v1/members/3': () => {
      there = team.slice(0, 1);
      return { status: 204 };
    },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove Tom Baker' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove Tom Baker?' });
  expect(within(dialog).getByRole('button', { name: 'Cancel' })).toHaveFocus();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove Tom Baker' }));
  expect(await screen.findByText('Tom Baker was removed.')).toHaveFocus();
  await waitFor(() => expect(screen.queryByRole('row', { name: /Tom Baker/ })).toBeNull());
  expect(sent(asked, 'DELETE')).toEqual([{ path: '/api/v1/members/3', body: undefined }]);
});

test('customers are a list of their own, asked for by their role', async () => {
  const asked: URL[] = [];
  await open();
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    asked.push(new URL((input as Request).url));
    return real(input, init);
  };
  await userEvent.click(await screen.findByRole('radio', { name: 'Customers' }));
  await screen.findByRole('table', { name: 'Customers' });
  expect(asked[0]?.searchParams.get('role')).toBe('customer');
});

test('without a customer the page says where customers come from', async () => {
  await open({ [MEMBERS]: page([]) });
  expect(await screen.findByText('No customers yet')).toBeInTheDocument();
  expect(screen.getByText(/acme.localhost:8080/)).toBeInTheDocument();
});

test('members that cannot be had say so, and can be asked for again', async () => {
  let reply: Parameters<typeof answer>[0][string] = problem(503, 'unavailable');
  await open({ [MEMBERS]: () => reply as never });
  expect(await screen.findByText('The members could not be loaded.')).toBeInTheDocument();
  reply = page(team);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('row', { name: /Tom Baker/ })).toBeInTheDocument();
});

test('a colleague is asked in, and the form is ready for the next one', async () => {
  let invited: Invitation[] = [];
  const asked = await open({
    [INVITATIONS]: () => page(invited),
    [INVITE]: () => {
      invited = [waiting];
      return { status: 201, body: waiting };
    },
  });
  const field = await screen.findByLabelText('E-mail address');
  await userEvent.type(field, ' ben@acme.test ');
  await userEvent.selectOptions(screen.getByLabelText('Role'), 'manager');
  await userEvent.click(screen.getByRole('button', { name: 'Send the invitation' }));
  expect(await screen.findByText(/on its way to ben@acme.test/)).toBeInTheDocument();
  expect(sent(asked, 'POST')).toEqual([
    { path: '/api/v1/invitations', body: { email: 'ben@acme.test', role: 'manager' } },
  ]);
  expect(field).toHaveValue('');
  expect(field).toHaveFocus();
  expect(await screen.findByText('ben@acme.test')).toBeInTheDocument();
});

test.each([
  [problem(409, 'conflict'), 'belongs to the organisation already'],
  [problem(503, 'unavailable'), 'busy or restarting'],
  ['no network' as const, 'cannot be reached'],
])('an invitation that is refused says why, and keeps what was typed', async (reply, words) => {
  await open({ [INVITE]: reply });
  await userEvent.type(await screen.findByLabelText('E-mail address'), 'ben@acme.test{Enter}');
  expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
  expect(screen.getByLabelText('E-mail address')).toHaveValue('ben@acme.test');
});

test('whoever has not confirmed their address is helped to do so', async () => {
  const asked = await open({
    [INVITE]: problem(403, 'email_not_verified'),
    'POST /api/v1/auth/email/resend': { status: 202 },
  });
  await userEvent.type(await screen.findByLabelText('E-mail address'), 'ben@acme.test{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('Confirm your own e-mail address');
  await userEvent.click(screen.getByRole('button', { name: 'Send it again' }));
  expect(await screen.findByText(/Sent again/)).toBeInTheDocument();
  expect(sent(asked, 'POST').at(-1)?.path).toBe('/api/v1/auth/email/resend');
});

test('an open invitation is sent again or taken back; those that have ended are not shown', async () => {
  const revoked = { ...waiting, id: 6, email: 'old@acme.test', status: 'revoked' as const };
  let there = [waiting, revoked];
  const asked = await open({
    [INVITATIONS]: () => page(there),
    [INVITE]: { status: 201, body: waiting },
    'DELETE /api/v1/invitations/5': () => {
      there = [];
      return { status: 204 };
    },
  });
  const again = { name: 'Send again: the invitation of ben@acme.test' };
  await userEvent.click(await screen.findByRole('button', again));
  expect(await screen.findByText(/Sent again to ben@acme.test/)).toBeInTheDocument();
  expect(sent(asked, 'POST')[0]?.body).toEqual({ email: 'ben@acme.test', role: 'manager' });
  expect(screen.queryByText('old@acme.test')).toBeNull();
  const back = { name: 'Take back: the invitation of ben@acme.test' };
  await userEvent.click(screen.getByRole('button', back));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Take it back' }));
  expect(await screen.findByText(/was taken back/)).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByText('Open invitations')).toBeNull());
});

test('an invitation that was accepted meanwhile cannot be taken back, and says so', async () => {
  await open({
    [INVITATIONS]: page([waiting]),
    'DELETE /api/v1/invitations/5': problem(404, 'not_found'),
  });
  const back = { name: 'Take back: the invitation of ben@acme.test' };
  await userEvent.click(await screen.findByRole('button', back));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Take it back' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('accepted or taken back meanwhile');
});
