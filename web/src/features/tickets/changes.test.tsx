import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { takeTicket } from './cache';
import { keys } from './keys';
import { useTicket } from './queries';
import { TicketHeader } from './TicketHeader';

const NUMBER = 'TKT-4F2K';
const working = aTicket({
  status: 'in_progress',
  assigned_to: lea.id,
  assignee: lea,
  version: 3,
  allowed_transitions: ['waiting_customer', 'resolved'],
});

function Header() {
  const { data } = useTicket(NUMBER);
  return data ? <TicketHeader ticket={data} panelShown={false} onPanel={() => {}} /> : null;
}

/** The header of a ticket, at a server that answers a change of its status with `reply`. */
async function header(reply: Parameters<typeof answer>[0][string], ticket = working) {
  const asked = answer({
    [`GET /api/v1/tickets/${NUMBER}`]: { body: ticket },
    'GET /api/v1/agents': page([lea, tom]),
    'POST /api/v1/tickets/7/status': reply,
    'POST /api/v1/tickets/7/assign': reply,
    'PATCH /api/v1/tickets/7': reply,
  });
  const queries = await show(<Header />, `/tickets/${NUMBER}`);
  await screen.findByRole('heading', { name: 'Printer on fire' });
  return { asked, queries };
}

async function resolve() {
  await userEvent.click(screen.getByRole('button', { name: /^Status/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Resolved' }));
}

beforeEach(() => welcome(loginOf(lea)));

test('a change is drawn at once and sent with the version that was on the screen', async () => {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const saved = { ...working, status: 'resolved' as const, version: 4, allowed_transitions: [] };
  const { asked, queries } = await header(() => ({ body: saved }));
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    if ((input as Request).method === 'POST') await settled;
    return real(input, init);
  };
  await resolve();
  expect(await screen.findByRole('button', { name: /^Status: Resolved/ })).toBeInTheDocument();
  settle();
  await waitFor(() => expect(queries.getQueryData(keys.one(NUMBER))).toMatchObject({ version: 4 }));
  const sent = asked.find(({ method }) => method === 'POST');
  expect(sent?.headers.get('if-match')).toBe('"3"');
  expect(sent?.body).toEqual({ status: 'resolved' });
});

test.each([
  [409, 'illegal_transition', /cannot go to this status/],
  [409, 'ticket_closed', /is closed/],
  [412, 'version_mismatch', /Somebody else changed this meanwhile/],
  [403, 'forbidden', /not allowed/],
])('a change refused with %d %s is taken back and explained', async (status, code, reason) => {
  await header(problem(status, code));
  await resolve();
  const message = await screen.findByRole('alert');
  expect(within(message).getByText('The change was undone')).toBeInTheDocument();
  expect(message).toHaveTextContent(`The status of ${NUMBER} could not be changed.`);
  expect(message).toHaveTextContent(reason);
  expect(screen.getByRole('button', { name: /^Status: In progress/ })).toBeInTheDocument();
});

test('after a 412 the ticket shows what the other person made of it', async () => {
  let now = working;
  answer({});
  const asked = answer({
    [`GET /api/v1/tickets/${NUMBER}`]: () => ({ body: now }),
    'GET /api/v1/agents': page([lea, tom]),
    'POST /api/v1/tickets/7/status': () => {
      now = { ...working, assigned_to: tom.id, assignee: tom, version: 4 };
      return problem(412, 'version_mismatch');
    },
  });
  await show(<Header />, `/tickets/${NUMBER}`);
  await screen.findByRole('heading', { name: 'Printer on fire' });
  await resolve();
  expect(await screen.findByRole('button', { name: /Tom Baker/ })).toBeInTheDocument();
  expect(asked.filter(({ path }) => path.endsWith(NUMBER)).length).toBeGreaterThan(1);
});

test('without a network a change is taken back, and says why', async () => {
  await header('no network');
  await resolve();
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
  expect(screen.getByRole('button', { name: /^Status: In progress/ })).toBeInTheDocument();
});

test('taking an open ticket assigns it to oneself', async () => {
  const { asked } = await header({ body: working }, aTicket());
  await userEvent.click(screen.getByRole('button', { name: /^Status/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'In progress' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')).toMatchObject({
      path: '/api/v1/tickets/7/assign',
      body: { assigned_to: lea.id },
    }),
  );
});

test('an open ticket is not closed without a reason', async () => {
  const { asked } = await header({ body: aTicket({ status: 'closed' }) }, aTicket());
  await userEvent.click(screen.getByRole('button', { name: /^Status/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Closed' }));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close the ticket' }));
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.type(within(dialog).getByLabelText('Reason'), 'Duplicate');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close the ticket' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      status: 'closed',
      reason: 'Duplicate',
    }),
  );
});

/** Types another subject and sends it. */
async function rename(subject: string) {
  await userEvent.click(screen.getByRole('button', { name: 'Change the subject' }));
  const field = screen.getByLabelText('Subject');
  expect(field).toHaveFocus();
  await userEvent.clear(field);
  await userEvent.type(field, `${subject}{Enter}`);
}

test('the subject is worded better in its place, with the version on the screen', async () => {
  const saved = { ...working, subject: 'Printer smokes', version: 4 };
  const { asked } = await header({ body: saved });
  await rename('  Printer smokes ');
  expect(await screen.findByRole('heading', { name: 'Printer smokes' })).toBeInTheDocument();
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.body).toEqual({ subject: 'Printer smokes' });
  expect(sent?.headers.get('if-match')).toBe('"3"');
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Change the subject' })).toHaveFocus(),
  );
});

test('a subject that is refused stays typed, and an empty or an equal one is not sent', async () => {
  const { asked } = await header(problem(412, 'version_mismatch'));
  await rename('Printer smokes');
  expect(await screen.findByRole('alert')).toHaveTextContent('The subject of TKT-4F2K');
  const field = screen.getByLabelText('Subject');
  expect(field).toHaveValue('Printer smokes');
  const patches = () => asked.filter(({ method }) => method === 'PATCH').length;
  await userEvent.clear(field);
  await userEvent.type(field, '{Enter}');
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  await userEvent.type(field, 'Printer on fire{Enter}');
  expect(field).not.toBeInTheDocument();
  expect(patches()).toBe(1);
});

test('a subject that a colleague changes under one’s hands says so before one saves over it', async () => {
  const { queries } = await header({});
  await userEvent.click(screen.getByRole('button', { name: 'Change the subject' }));
  const field = screen.getByLabelText('Subject');
  await userEvent.type(field, '!');
  act(() => void takeTicket(queries, { ...working, subject: 'Printer smokes', version: 4 }));
  await waitFor(() =>
    expect(field).toHaveAccessibleDescription(/Somebody else has set this to “Printer smokes”/),
  );
  expect(field).toHaveValue('Printer on fire!');
  await userEvent.clear(field);
  await userEvent.type(field, 'Printer smokes');
  expect(field).not.toHaveAccessibleDescription();
});

test('while its subject is changed the page keeps its heading', async () => {
  await header({});
  await userEvent.click(screen.getByRole('button', { name: 'Change the subject' }));
  expect(screen.getByLabelText('Subject')).toHaveFocus();
  expect(screen.getByRole('heading', { level: 1, name: 'Printer on fire' })).toBeInTheDocument();
});

test('the priority comes with its reason, and a rule without words with its name', async () => {
  await header(
    {},
    { ...working, priority: 'urgent', priority_reason: 'payment_failure, vip, moon' },
  );
  await userEvent.click(screen.getByRole('button', { name: /^Priority/ }));
  expect(
    await screen.findByText('Urgent: a payment failed, one level up for a VIP, moon'),
  ).toBeInTheDocument();
});

test('a closed ticket offers no change', async () => {
  await header({}, aTicket({ status: 'closed', allowed_transitions: [] }));
  expect(screen.queryByRole('button', { name: 'Change the subject' })).toBeNull();
  for (const name of [/^Status/, /^Assign/, /^Priority/]) {
    expect(screen.getByRole('button', { name })).toBeDisabled();
  }
});
