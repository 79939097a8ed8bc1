import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aCategory, aJobOf, aTeam } from '~/testing/desk';
import { aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TicketList } from '../tickets/TicketList';

const rows = [1, 2, 3].map((id) => aTicket({ id, ticket_number: `TKT-${id}` }));
const BULK = 'POST /api/v1/tickets/bulk';

async function list(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    'GET /api/v1/tickets': page(rows),
    'GET /api/v1/agents': page([lea, tom]),
    'GET /api/v1/categories': page([aCategory()]),
    'GET /api/v1/tags': { body: { data: [] } },
    ...table,
  });
  await show(<TicketList />, '/?view=all');
  await screen.findByText('TKT-1');
  return asked;
}
const select = (id: number) => screen.getByRole('checkbox', { name: `Select TKT-${id}` });
const choose = async (menu: string, item: string | RegExp) => {
  await userEvent.click(await screen.findByRole('button', { name: menu }));
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
};

beforeEach(() => {
  welcome(loginOf(lea));
  for (const [side, pixels] of [
    ['clientHeight', 800],
    ['clientWidth', 360],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => pixels });
  }
});

test('one job changes what is selected, and says what could not be done and why', async () => {
  const results = [
    { id: 1, ok: true },
    { id: 3, ok: false, code: 'ticket_closed' },
  ];
  const asked = await list({ [BULK]: { body: aJobOf({ total: 2, done: 2, results }) } });
  await userEvent.click(select(1));
  await userEvent.click(select(3));
  expect(await screen.findByText('2 selected')).toBeInTheDocument();
  await choose('Priority', 'Urgent');
  expect(await screen.findByText('1 ticket changed')).toBeInTheDocument();
  const refused = screen.getByText('1 could not:').closest('li');
  expect(refused).toHaveTextContent('This ticket is closed');
  expect(refused).toHaveTextContent('TKT-3');
  const sent = asked.find(({ method }) => method === 'POST');
  expect(sent?.body).toEqual({ action: 'priority', priority: 'urgent', ids: [1, 3] });
  expect(sent?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  expect(screen.queryByText('2 selected')).toBeNull();
});

test('a job that takes long is followed to its end, and taken back', async () => {
  let done = 0;
  const running = aJobOf({ state: 'running', total: 3, done: 0 });
  const asked = await list({
    [BULK]: { status: 202, body: running },
    'GET /api/v1/bulk/9': () => {
      done += 1;
      const results = rows.map(({ id }) => ({ id, ok: true }));
      return { body: done > 1 ? aJobOf({ total: 3, done: 3, results }) : { ...running, done } };
    },
    'POST /api/v1/bulk/9/undo': {
      body: aJobOf({ id: 10, undo_of: 9, results: [{ id: 1, ok: true }] }),
    },
  });
  await userEvent.click(select(2));
  await userEvent.click(await screen.findByRole('button', { name: 'Select all 3' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Assign' }));
  await userEvent.type(await screen.findByRole('textbox', { name: 'Find a colleague' }), 'tom');
  expect(screen.queryByRole('option', { name: 'Assign to me' })).toBeNull();
  await userEvent.click(await screen.findByRole('option', { name: 'Tom Baker' }));
  expect(await screen.findByRole('progressbar')).toBeInTheDocument();
  expect(await screen.findByText('3 tickets changed')).toBeInTheDocument();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    action: 'assign',
    assigned_to: tom.id,
    ids: [1, 2, 3],
  });
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('1 ticket is as it was before')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
});

test('all that is selected comes into a team’s queue, where there are teams', async () => {
  const asked = await list({
    'GET /api/v1/teams': page([aTeam()]),
    [BULK]: { body: aJobOf({ total: 1, done: 1, results: [{ id: 2, ok: true }] }) },
  });
  await userEvent.click(select(2));
  await choose('Team', aTeam().name);
  expect(await screen.findByText('1 ticket changed')).toBeInTheDocument();
  const sent = asked.find(({ method }) => method === 'POST');
  expect(sent?.body).toEqual({ action: 'team', team_id: aTeam().id, ids: [2] });
});

test('a refused job changes nothing, says so, and keeps the selection', async () => {
  await list({ [BULK]: problem(403, 'forbidden') });
  await userEvent.click(select(2));
  await choose('Category', 'Repair');
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'Nothing was changed. You are not allowed to do this.',
  );
  expect(select(2)).toBeChecked();
});

test('with Shift everything in between is selected, and Escape selects nothing', async () => {
  await list();
  await userEvent.click(select(1));
  fireEvent.click(select(3), { shiftKey: true });
  expect(await screen.findByText('3 selected')).toBeInTheDocument();
  fireEvent.keyDown(select(3), { key: 'Escape' });
  await waitFor(() => expect(select(1)).not.toBeChecked());
});

test('tickets are not closed in bulk without a reason', async () => {
  const asked = await list({ [BULK]: { body: aJobOf() } });
  await userEvent.click(select(1));
  await choose('Status', 'Closed');
  const dialog = within(await screen.findByRole('dialog', { name: 'Close 1 ticket' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Close 1 ticket' }));
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.type(dialog.getByLabelText('Reason'), 'Spam');
  await userEvent.click(dialog.getByRole('button', { name: 'Close 1 ticket' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      action: 'status',
      status: 'closed',
      reason: 'Spam',
      ids: [1],
    }),
  );
});

test('a change of tags needs one tag', async () => {
  const asked = await list({ [BULK]: { body: aJobOf() } });
  await userEvent.click(select(1));
  await userEvent.click(await screen.findByRole('button', { name: 'Tags' }));
  const tags = within(await screen.findByRole('dialog'));
  await userEvent.click(tags.getByRole('button', { name: 'Change 1 ticket' }));
  expect(tags.getByText('Name one tag at least.')).toBeInTheDocument();
  await userEvent.type(tags.getByLabelText('These come', { selector: 'input' }), 'vip{Enter}');
  await userEvent.click(tags.getByRole('button', { name: 'Change 1 ticket' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      action: 'tags',
      add: ['vip'],
      ids: [1],
    }),
  );
});

test('what a conflict is with is told by what was done', async () => {
  const results = [{ id: 2, ok: false, code: 'conflict' }];
  await list({ [BULK]: { body: aJobOf({ action: 'snooze', total: 1, done: 1, results }) } });
  await userEvent.click(select(2));
  await choose('Snooze', /^For a week/);
  const refused = (await screen.findByText('1 could not:')).closest('li');
  expect(refused).toHaveTextContent('A resolved ticket is in no queue.');
});
