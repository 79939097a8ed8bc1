import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
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
  answer({ [LIST]: page([]), 'GET /api/v1/tickets/TKT-9999': problem(404, 'not_found') });
  await show(<TicketList />);
  await userEvent.type(screen.getByLabelText('Go to a ticket number'), '9999{Enter}');
  expect(
    await screen.findByText('There is no ticket TKT-9999 that you may see.'),
  ).toBeInTheDocument();
});
