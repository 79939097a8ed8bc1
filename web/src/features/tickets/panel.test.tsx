import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aTeam } from '~/testing/desk';
import { aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { useTicket } from './queries';
import { TicketHeader } from './TicketHeader';
import { TicketPanel } from './TicketPanel';

const NUMBER = 'TKT-4F2K';
const ticket = aTicket({
  status: 'in_progress',
  assigned_to: lea.id,
  assignee: lea,
  tags: ['vip'],
  version: 3,
});

function Open() {
  const { data } = useTicket(NUMBER);
  if (!data) return null;
  return (
    <>
      <TicketHeader ticket={data} panelShown onPanel={() => {}} />
      <TicketPanel ticket={data} onLink={() => {}} />
    </>
  );
}

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    [`GET /api/v1/tickets/${NUMBER}`]: { body: ticket },
    'GET /api/v1/tickets/7': { body: { ...ticket, version: 5 } },
    'GET /api/v1/tickets': page([ticket]),
    'GET /api/v1/agents': page([lea, tom]),
    'GET /api/v1/teams': page([aTeam()]),
    'GET /api/v1/categories': page([]),
    'GET /api/v1/custom-fields': page([]),
    'GET /api/v1/tags': { body: { data: [{ tag: 'urgent case', tickets: 2 }] } },
    'GET /api/v1/tickets/7/history': page([]),
    'GET /api/v1/tickets/7/links': { body: { data: [] } },
    'GET /api/v1/tickets/7/watchers': { body: { data: [tom] } },
    'PATCH /api/v1/tickets/7': { body: { ...ticket, tags: ['vip', 'new'], version: 4 } },
    ...table,
  });
  await show(<Open />, `/tickets/${NUMBER}`);
  await screen.findByRole('heading', { name: 'Printer on fire' });
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.find((one) => one.method === method);

beforeEach(() => welcome(loginOf(lea)));

test('a tag is added with the version on the screen, and those in use are offered', async () => {
  const asked = await open();
  await userEvent.type(screen.getByLabelText('Tags', { selector: 'input' }), 'u');
  expect(await screen.findByRole('option', { name: 'urgent case' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('option', { name: 'urgent case' }));
  await waitFor(() => expect(sent(asked, 'PATCH')).toBeDefined());
  expect(sent(asked, 'PATCH')?.body).toEqual({ tags: ['vip', 'urgent case'] });
  expect(sent(asked, 'PATCH')?.headers.get('if-match')).toBe('"3"');
});

test('another team gets the ticket; a refusal is taken back and explained', async () => {
  const asked = await open({ 'POST /api/v1/tickets/7/assign': problem(403, 'forbidden') });
  const team = await screen.findByLabelText('Team');
  await userEvent.selectOptions(team, 'Returns');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be changed');
  expect(sent(asked, 'POST')?.body).toEqual({ team_id: 4 });
  expect(screen.getByLabelText('Team')).toHaveValue('');
});

test('a ticket is put aside until the customer writes, and brought back', async () => {
  const asked = await open({
    'POST /api/v1/tickets/7/snooze': {
      body: { ...ticket, snooze: { until: null }, version: 4 },
    },
    'DELETE /api/v1/tickets/7/snooze': { status: 204 },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Snooze' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Until the customer writes' }));
  const button = await screen.findByRole('button', { name: 'Snoozed until the customer writes' });
  expect(sent(asked, 'POST')?.body).toEqual({ until: null });
  await userEvent.click(button);
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Bring it back now' }));
  expect(await screen.findByRole('button', { name: 'Snooze' })).toBeInTheDocument();
  expect(sent(asked, 'DELETE')).toBeDefined();
});

test('a date that has passed is not sent', async () => {
  const asked = await open();
  await userEvent.click(screen.getByRole('button', { name: 'Snooze' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Choose a date…' }));
  const dialog = within(await screen.findByRole('dialog'));
  const field = dialog.getByLabelText('Until');
  await userEvent.clear(field);
  await userEvent.type(field, '2020-01-01T09:00');
  await userEvent.click(dialog.getByRole('button', { name: 'Snooze' }));
  expect(dialog.getByText('A time to come.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
});

test('one watches a ticket, and sees who else does', async () => {
  let watches = false;
  await open({
    'GET /api/v1/tickets/7/watchers': () => ({ body: { data: watches ? [tom, lea] : [tom] } }),
    'PUT /api/v1/tickets/7/watch': () => {
      watches = true;
      return { status: 204 };
    },
  });
  expect(await screen.findByText('Tom Baker')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Watch' }));
  expect(await screen.findByRole('button', { name: 'Watch no more' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('the history says what the desk has done, teams by name', async () => {
  const entry = { version: 2, by: lea, from: null, reason: null, created_at: ticket.created_at };
  const history = [
    { ...entry, id: 1, kind: 'team', to: '4' },
    { ...entry, id: 2, kind: 'tags', to: 'vip, eu' },
    { ...entry, id: 3, kind: 'snooze', from: 'x', to: null },
    { ...entry, id: 4, kind: 'custom_fields', to: '{}' },
  ];
  answer({
    'GET /api/v1/agents': page([lea]),
    'GET /api/v1/teams': page([aTeam()]),
    'GET /api/v1/tickets': page([]),
    'GET /api/v1/tickets/7/history': page(history),
  });
  await show(<TicketPanel ticket={ticket} onLink={() => {}} />);
  for (const words of [
    'Léa Morel moved the ticket to Returns',
    'Léa Morel set the tags to vip, eu',
    'Léa Morel brought the ticket back',
    'Léa Morel changed the details',
  ]) {
    expect(await screen.findByText(words)).toBeInTheDocument();
  }
});

test.each([
  ['Linked tickets', 'GET /api/v1/tickets/7/links', 'None.'],
  ['Watchers', 'GET /api/v1/tickets/7/watchers', 'Watch'],
  ['About', 'GET /api/v1/categories', 'Category'],
  ['History', 'GET /api/v1/tickets/7/history', 'Nothing has changed yet.'],
])('%s that cannot be fetched are not taken for none', async (name, path, shown) => {
  let works = false;
  await open({ [path]: () => (works ? page([]) : problem(503, 'unavailable')) });
  const part = within(screen.getByRole('heading', { name }).closest('section') as HTMLElement);
  expect(await part.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(part.queryByText(shown)).toBeNull();
  works = true;
  await userEvent.click(part.getByRole('button', { name: 'Try again' }));
  expect(await part.findByText(shown)).toBeInTheDocument();
});
