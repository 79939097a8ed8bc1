import { beforeEach, expect, test } from 'vitest';
import { newQueryClient } from '~/api/queries';
import { aTicket, lea, loginOf } from '~/testing/people';
import { welcome } from '../session/session';
import { drawTicket, putBack, takeTicket } from './cache';
import { keys } from './keys';
import { matches } from './matches';
import type { TicketPages } from './queries';
import { filterOf, VIEWS } from './views';

const all = filterOf('all');
const at = (id: number, hour: number) =>
  aTicket({ id, ticket_number: `TKT-${id}`, created_at: `2026-11-20T0${hour}:00:00Z` });

/** A page with the list of all tickets, in pages of two. */
function shows(rows: ReturnType<typeof aTicket>[], more = false) {
  const client = newQueryClient();
  const pages = [rows.slice(0, 2), rows.slice(2)].filter((page) => page.length > 0);
  client.setQueryData(keys.list(all), {
    pages: pages.map((data, index) => ({
      data,
      page: { next_cursor: more || index < pages.length - 1 ? 'next' : null, limit: 2 },
    })),
    pageParams: pages.map(() => null),
  });
  const ids = () =>
    client.getQueryData<TicketPages>(keys.list(all))?.pages.map((p) => p.data.map(({ id }) => id));
  return { client, ids };
}

beforeEach(() => welcome(loginOf(lea)));

const clock = { target_minutes: 60, due_at: null, met_at: null, state: 'running' } as const;
const onTime = { state: 'running', response: clock, resolution: clock } as const;

test.each([
  ['open and nobody’s', aTicket(), ['unassigned', 'open', 'all']],
  [
    'Léa’s, in progress',
    aTicket({ status: 'in_progress', assigned_to: lea.id }),
    ['mine', 'open', 'all'],
  ],
  ['Tom’s, in progress', aTicket({ status: 'in_progress', assigned_to: 3 }), ['open', 'all']],
  [
    'Léa’s, waiting',
    aTicket({ status: 'waiting_customer', assigned_to: lea.id }),
    ['mine', 'open', 'waiting', 'all'],
  ],
  [
    'Tom’s, and late',
    aTicket({ status: 'in_progress', assigned_to: 3, sla: { ...onTime, state: 'breached' } }),
    ['open', 'breaching', 'all'],
  ],
  [
    'Tom’s, and in time',
    aTicket({ status: 'in_progress', assigned_to: 3, sla: onTime }),
    ['open', 'all'],
  ],
  ['resolved', aTicket({ status: 'resolved', assigned_to: 3 }), ['resolved', 'all']],
  ['closed', aTicket({ status: 'closed' }), ['all']],
])('a ticket that is %s stands in its views', (_name, ticket, views) => {
  expect(VIEWS.filter((view) => matches(filterOf(view), ticket, lea.id))).toEqual(views);
});

test('a new ticket stands first, an older one at its place, whatever the pages', () => {
  const { client, ids } = shows([at(5, 5), at(3, 3), at(1, 1)]);
  takeTicket(client, at(6, 6), true);
  takeTicket(client, at(2, 2), true);
  expect(ids()).toEqual([
    [6, 5, 3],
    [2, 1],
  ]);
});

test('a ticket older than what is loaded comes with its own page', () => {
  const { client, ids } = shows([at(5, 5), at(3, 3)], true);
  takeTicket(client, at(1, 1), true);
  expect(ids()).toEqual([[5, 3]]);
});

test('a changed ticket keeps its place', () => {
  const { client, ids } = shows([at(5, 5), at(3, 3), at(1, 1)]);
  takeTicket(client, { ...at(3, 3), status: 'resolved', version: 2 });
  expect(ids()?.flat()).toEqual([5, 3, 1]);
});

test('an answer that was overtaken on its way changes nothing', () => {
  const { client } = shows([{ ...at(3, 3), version: 5, subject: 'newer' }]);
  takeTicket(client, { ...at(3, 3), version: 4, subject: 'older' });
  const list = client.getQueryData<TicketPages>(keys.list(all));
  expect(list?.pages[0]?.data[0]?.subject).toBe('newer');
});

test('a count follows a ticket from one view into another', () => {
  const { client } = shows([aTicket()]);
  const count = (view: 'unassigned' | 'mine') => keys.count(filterOf(view));
  client.setQueryData(count('unassigned'), 4);
  client.setQueryData(count('mine'), 1);
  takeTicket(client, aTicket({ status: 'in_progress', assigned_to: lea.id, version: 2 }));
  expect(client.getQueryData(count('unassigned'))).toBe(3);
  expect(client.getQueryData(count('mine'))).toBe(2);
});

test('of a ticket that was never seen, nobody knows where it was counted', () => {
  const { client } = shows([]);
  client.setQueryData(keys.count(all), 9);
  expect(takeTicket(client, aTicket({ version: 8 }))).toBe(false);
  expect(client.getQueryData(keys.count(all))).toBe(9);
});

test('what is put back is exactly what was there', () => {
  const { client, ids } = shows([aTicket(), at(3, 3)]);
  client.setQueryData(keys.count(all), 2);
  const known = JSON.stringify(client.getQueryData(keys.list(all)));
  const before = drawTicket(client, aTicket({ status: 'closed' }));
  expect(JSON.stringify(client.getQueryData(keys.list(all)))).not.toBe(known);
  putBack(client, before);
  expect(JSON.stringify(client.getQueryData(keys.list(all)))).toBe(known);
  expect(ids()).toBeDefined();
  expect(client.getQueryData(keys.count(all))).toBe(2);
});
