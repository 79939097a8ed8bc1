import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aView } from '~/testing/desk';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { keys } from './keys';
import { TicketList } from './TicketList';

const LIST = 'GET /api/v1/tickets';

beforeEach(() => {
  welcome(loginOf(lea));
  // happy-dom lays nothing out; the list draws what fits into this height.
  for (const [side, pixels] of [
    ['clientHeight', 800],
    ['clientWidth', 360],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => pixels });
  }
});

test('while the first page is on its way, its rows are promised', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => {}));
  await show(<TicketList />);
  expect(screen.getByRole('status', { busy: true })).toBeInTheDocument();
});

test('a row tells number, subject, requester, status, priority and what is unread', async () => {
  answer({ [LIST]: page([aTicket({ unread_count: 2, priority: 'urgent' })]) });
  await show(<TicketList />);
  const row = await screen.findByRole('link', { name: /Printer on fire/ });
  for (const text of ['TKT-4F2K', 'Chloé Petit', 'Open', 'Urgent', '2 unread messages']) {
    expect(row).toHaveTextContent(text);
  }
});

test('a view with nothing in it says what that means', async () => {
  answer({ [LIST]: page([]) });
  await show(<TicketList />, '/?view=unassigned');
  expect(await screen.findByText('All caught up')).toBeInTheDocument();
});

test('a list is narrowed by the address, says so, and one word of it can be taken back', async () => {
  const asked = answer({ [LIST]: page([]), 'GET /api/v1/agents': page([lea]) });
  await show(<TicketList />, '/?view=unassigned&priority=urgent,high&assigned_to=2');
  expect(await screen.findByText('No ticket matches')).toBeInTheDocument();
  const chips = within(await screen.findByRole('list', { name: 'The list is narrowed to' }));
  expect(await chips.findByText('Assignee: Léa Morel')).toBeInTheDocument();
  const lists = () => asked.filter(({ path }) => path === '/api/v1/tickets');
  expect(lists().at(-1)?.query.get('view')).toBe('unassigned');
  expect(lists().at(-1)?.query.get('priority')).toBe('urgent,high');
  await userEvent.click(screen.getByRole('button', { name: /^Without Priority: Urgent, High/ }));
  await waitFor(() => expect(lists().at(-1)?.query.get('priority')).toBeNull());
  expect(lists().at(-1)?.query.get('assigned_to')).toBe('2');
});

test('the order stands in the address, and narrowing and a choice from the menu keep each other', async () => {
  const asked = answer({ [LIST]: page([aTicket()]) });
  await show(<TicketList />, '/?view=all&sort=-updated_at&user_id=10&created_from=2026-11-01');
  const chips = within(await screen.findByRole('list', { name: 'The list is narrowed to' }));
  expect(await chips.findByText('Requester: Chloé Petit')).toBeInTheDocument();
  const query = () => asked.filter(({ path }) => path === '/api/v1/tickets').at(-1)?.query;
  expect(query()?.get('sort')).toBe('-updated_at');
  expect(query()?.get('created_from')).toBe(new Date(2026, 10, 1).toISOString());
  await userEvent.click(screen.getByRole('button', { name: /^Order: Last change first/ }));
  await userEvent.click(
    await screen.findByRole('menuitemradio', { name: 'Waiting longest first' }),
  );
  await waitFor(() => expect(query()?.get('sort')).toBe('waiting'));
  expect(query()?.get('user_id')).toBe('10');
  await userEvent.click(screen.getByRole('button', { name: /^Without Requester/ }));
  await waitFor(() => expect(query()?.get('user_id')).toBeNull());
  expect(query()?.get('sort')).toBe('waiting');
});

test('what is narrowed is kept as a view from where it stands, on narrow screens too', async () => {
  const asked = answer({ [LIST]: page([]), 'POST /api/v1/views': { status: 201, body: aView() } });
  await show(<TicketList />, '/?view=waiting&tag=vip');
  await userEvent.click(await screen.findByRole('button', { name: 'Keep as a view' }));
  await userEvent.type(await screen.findByLabelText('Name'), 'Patience{Enter}');
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    name: 'Patience',
    scope: 'own',
    filter: { snoozed: false, status: 'waiting_customer', tag: 'vip' },
  });
});

test('a saved view asks for its own words, and one that is gone says so', async () => {
  const views = { body: { built_in: [], data: [aView({ filter: { tag: 'vip' } })] } };
  const asked = answer({ [LIST]: page([aTicket()]), 'GET /api/v1/views': views });
  await show(<TicketList />, '/?view=5');
  await screen.findByText('Printer on fire');
  expect(screen.getByRole('region', { name: 'Tickets: Important' })).toBeInTheDocument();
  expect(asked.find(({ path }) => path === '/api/v1/tickets')?.query.get('tag')).toBe('vip');
  cleanup();
  await show(<TicketList />, '/?view=77');
  expect(await screen.findByText('This view is not there any more')).toBeInTheDocument();
});

test('a saved view is renamed with its version, and removed after a question that names it', async () => {
  const view = aView();
  const asked = answer({
    [LIST]: page([]),
    'GET /api/v1/views': { body: { built_in: [], data: [view] } },
    'PATCH /api/v1/views/5': { body: { ...view, name: 'VIP' } },
    'DELETE /api/v1/views/5': { status: 204 },
  });
  await show(<TicketList />, '/?view=5');
  const menu = { name: 'View Important: change or remove' };
  await userEvent.click(await screen.findByRole('button', menu));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Rename' }));
  const field = await screen.findByLabelText('Name');
  await userEvent.clear(field);
  await userEvent.type(field, 'VIP{Enter}');
  await waitFor(() => expect(asked.some(({ method }) => method === 'PATCH')).toBe(true));
  const renamed = asked.find(({ method }) => method === 'PATCH');
  expect(renamed?.body).toEqual({ name: 'VIP' });
  expect(renamed?.headers.get('if-match')).toBe('"3"');
  await userEvent.click(await screen.findByRole('button', menu));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Remove' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove the view “Important”?' });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove “Important”' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'DELETE')).toBe(true));
});

test('whoever renames a view that another has renamed meanwhile sees that before they do it', async () => {
  let view = aView();
  const asked = answer({
    [LIST]: page([]),
    'GET /api/v1/views': () => ({ body: { built_in: [], data: [view] } }),
    'PATCH /api/v1/views/5': ({ headers }) => {
      view = aView({ name: 'Urgent', version: 4 });
      return headers.get('if-match') === '"4"' ? { body: view } : problem(412, 'version_mismatch');
    },
  });
  await show(<TicketList />, '/?view=5');
  await userEvent.click(
    await screen.findByRole('button', { name: 'View Important: change or remove' }),
  );
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Rename' }));
  const field = await screen.findByLabelText('Name');
  await userEvent.clear(field);
  await userEvent.type(field, 'VIP{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('partly the same as you');
  expect(field).toHaveValue('VIP');
  await userEvent.click(screen.getByRole('button', { name: 'Load it anew' }));
  expect(field).toHaveValue('Urgent');
  expect(asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
});

test('what narrows a saved view is kept in it, if nobody else has changed it', async () => {
  const view = aView({ filter: { tag: 'vip' } });
  let reply: Parameters<typeof answer>[0][string] = problem(412, 'version_mismatch');
  const asked = answer({
    [LIST]: page([]),
    'GET /api/v1/views': { body: { built_in: [], data: [view] } },
    'PATCH /api/v1/views/5': () => (typeof reply === 'function' ? 'no network' : reply),
  });
  await show(<TicketList />, '/?view=5&priority=urgent');
  const keep = async () => {
    await userEvent.click(await screen.findByRole('button', { name: /^View Important/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: /^Keep the filters/ }));
  };
  await keep();
  expect(await screen.findByRole('alert')).toHaveTextContent('Somebody else has changed this view');
  expect(screen.getByRole('list', { name: 'The list is narrowed to' })).toBeInTheDocument();
  reply = { body: view };
  await keep();
  await waitFor(() =>
    expect(screen.queryByRole('list', { name: 'The list is narrowed to' })).toBeNull(),
  );
  const sent = asked.filter(({ method }) => method === 'PATCH').at(-1);
  expect(sent?.body).toEqual({ filter: { tag: 'vip', priority: 'urgent' } });
  expect(sent?.headers.get('if-match')).toBe('"3"');
});

test('a saved view moves among its like', async () => {
  const views = [aView({ id: 4, name: 'First' }), aView(), aView({ id: 9, scope: 'everybody' })];
  const asked = answer({
    [LIST]: page([]),
    'GET /api/v1/views': { body: { built_in: [], data: views } },
    'PATCH /api/v1/views/4': { body: views[0] },
  });
  await show(<TicketList />, '/?view=5');
  await userEvent.click(await screen.findByRole('button', { name: /^View Important/ }));
  expect(await screen.findByRole('menuitem', { name: 'Move up' })).toBeInTheDocument();
  expect(screen.queryByRole('menuitem', { name: 'Move down' })).toBeNull();
  await userEvent.click(screen.getByRole('menuitem', { name: 'Move up' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'PATCH')).toBe(true));
  expect(asked.filter(({ method }) => method === 'PATCH')).toMatchObject([
    { path: '/api/v1/views/4', body: { position: 1 } },
  ]);
});

test('what everybody has is not offered to agents for renaming', async () => {
  const views = { body: { built_in: [], data: [aView({ scope: 'everybody' })] } };
  answer({ [LIST]: page([]), 'GET /api/v1/views': views });
  await show(<TicketList />, '/?view=5');
  await screen.findByText('This view is empty');
  expect(screen.queryByRole('button', { name: /change or remove/ })).toBeNull();
});

test('a list that cannot be loaded says why and can be tried again', async () => {
  let reply: Parameters<typeof answer>[0][string] = problem(503, 'unavailable');
  answer({ [LIST]: () => (typeof reply === 'function' ? 'no network' : reply) });
  await show(<TicketList />);
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(screen.getByRole('alert')).toHaveTextContent('r-1');
  reply = page([aTicket()]);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Printer on fire')).toBeInTheDocument();
});

test('a list that cannot be refreshed keeps its rows and says that they are old', async () => {
  let reply: Parameters<typeof answer>[0][string] = page([aTicket()]);
  answer({ [LIST]: () => (typeof reply === 'function' ? 'no network' : reply) });
  const queries = await show(<TicketList />);
  await screen.findByText('Printer on fire');
  reply = 'no network';
  await queries.invalidateQueries({ queryKey: keys.lists });
  expect(await screen.findByText(/Could not be refreshed/)).toBeInTheDocument();
  expect(screen.getByText('Printer on fire')).toBeInTheDocument();
});

test('a number that leads nowhere is said beside the field', async () => {
  answer({ [LIST]: page([]), 'GET /api/v1/tickets/TKT-99999999': problem(404, 'not_found') });
  await show(<TicketList />);
  await userEvent.type(await screen.findByLabelText('Search tickets'), '99999999{Enter}');
  expect(
    await screen.findByText('There is no ticket TKT-99999999 that you may see.'),
  ).toBeInTheDocument();
});

test('a further page that fails is not asked for again until somebody wants it', async () => {
  let works = false;
  const first = { body: { data: [aTicket()], page: { next_cursor: 'c2', limit: 50 } } };
  const second = page([aTicket({ id: 8, ticket_number: 'TKT-8', subject: 'Lamp broken' })]);
  const asked = answer({
    [LIST]: ({ query }) => {
      if (!query.get('cursor')) return first;
      return works ? second : problem(503, 'unavailable');
    },
  });
  await show(<TicketList />);
  const again = await screen.findByRole('button', { name: 'Try again' });
  expect(screen.queryByText(/Could not be refreshed/)).toBeNull();
  works = true;
  await userEvent.click(again);
  expect(await screen.findByText('Lamp broken')).toBeInTheDocument();
  expect(asked.filter(({ query }) => query.get('cursor'))).toHaveLength(2);
});
