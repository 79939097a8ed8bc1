import { beforeEach, expect, test } from 'vitest';
import { newQueryClient } from '~/api/queries';
import { aTicket, lea, loginOf } from '~/testing/people';
import { welcome } from '../session/session';
import { drawTicket, putBack, takeTicket } from './cache';
import { keys } from './keys';
import { matches } from './matches';
import type { TicketPages } from './queries';
import { BUILT_IN, filterOf, type Sort } from './views';

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
  ['open and nobody’s', aTicket(), ['unassigned', 'all']],
  ['Léa’s, in progress', aTicket({ status: 'in_progress', assigned_to: lea.id }), ['mine', 'all']],
  ['Tom’s, in progress', aTicket({ status: 'in_progress', assigned_to: 3 }), ['all']],
  [
    'Léa’s, waiting',
    aTicket({ status: 'waiting_customer', assigned_to: lea.id }),
    ['mine', 'all', 'waiting'],
  ],
  [
    'Léa’s, waiting and snoozed',
    aTicket({ status: 'waiting_customer', assigned_to: lea.id, snooze: { until: null } }),
    ['all', 'snoozed'],
  ],
  [
    'Tom’s, and late',
    aTicket({ status: 'in_progress', assigned_to: 3, sla: { ...onTime, state: 'breached' } }),
    ['all', 'breaching'],
  ],
  ['Tom’s, in time', aTicket({ status: 'in_progress', assigned_to: 3, sla: onTime }), ['all']],
  ['closed', aTicket({ status: 'closed' }), ['all']],
])('a ticket that is %s stands in its views', (_name, ticket, views) => {
  expect(BUILT_IN.filter((view) => matches(filterOf(view), ticket, lea.id))).toEqual(views);
});

const about = aTicket({ category: 'billing', tags: ['vip', 'eu'], team_id: 4 });
test.each([
  [{ tag: 'vip,new' }, true],
  [{ tag: 'new' }, false],
  [{ category: 'billing', team: '4' }, true],
  [{ team: 'none' }, false],
  [{ created_from: '2026-11-20T08:00:00Z', created_to: '2026-11-20T09:00:00Z' }, true],
  [{ created_to: '2026-11-20T08:00:00Z' }, false],
  [{ snoozed: false }, true],
  [{ snoozed: true }, false],
  [{ q: 'fire' }, null],
  [{ q: 'fire', status: 'closed' }, false],
  [{ view: '12' }, null],
])('%j shows a ticket: %j', (filter, shows) => {
  expect(matches(filter, about, lea.id)).toBe(shows);
});

test('a list of which only the server knows what it shows keeps its rows and is asked again', () => {
  const client = newQueryClient();
  const found = keys.list({ q: 'fire' });
  client.setQueryData(found, {
    pages: [{ data: [aTicket()], page: { next_cursor: null, limit: 50 } }],
    pageParams: [null],
  });
  takeTicket(client, aTicket({ subject: 'Put out', version: 2 }));
  const rows = client.getQueryData<TicketPages>(found)?.pages[0]?.data;
  expect(rows?.[0]?.subject).toBe('Put out');
  expect(client.getQueryState(found)?.isInvalidated).toBe(true);
});

test('the counts of the views follow a ticket, and say when only the server can count', () => {
  const client = newQueryClient();
  client.setQueryData(keys.one('TKT-4F2K'), aTicket());
  client.setQueryData(keys.views, { built_in: [], data: [{ id: 5, filter: { tag: 'vip' } }] });
  const count = (view: string, number: number, capped = false) => ({ view, count: number, capped });
  const set = (...data: ReturnType<typeof count>[]) =>
    client.setQueryData(keys.viewCounts, { data });
  const counts = () =>
    client.getQueryData<{ data: { count: number }[] }>(keys.viewCounts)?.data.map((c) => c.count);
  set(count('unassigned', 3), count('mine', 0), count('5', 1));
  const mine = { status: 'in_progress', assigned_to: lea.id, tags: ['vip'] } as const;
  expect(takeTicket(client, aTicket({ ...mine, tags: ['vip'], version: 2 }))).toBe(true);
  expect(counts()).toEqual([2, 1, 2]);
  set(count('unassigned', 99, true), count('mine', 0), count('5', 1));
  expect(takeTicket(client, aTicket({ version: 3 }))).toBe(false);
  expect(counts()).toEqual([99, 0, 0]);
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

/** Three tickets in a list of that order, of which the second then changes to what is given. */
function changedIn(sort: Sort, change: Parameters<typeof aTicket>[0]) {
  const client = newQueryClient();
  const key = keys.list({ sort });
  const rows = [1, 2, 3].map((id) => ({
    ...at(id, id),
    updated_at: `2026-11-21T0${4 - id}:00:00Z`,
    waiting_since: `2026-11-20T0${id}:00:00Z`,
  }));
  const page = { data: rows, page: { next_cursor: null, limit: 50 } };
  client.setQueryData(key, { pages: [page], pageParams: [null] });
  takeTicket(client, { ...(rows[1] as (typeof rows)[number]), version: 2, ...change });
  const ids = client.getQueryData<TicketPages>(key)?.pages.flatMap((p) => p.data.map((t) => t.id));
  return { ids, asksAgain: client.getQueryState(key)?.isInvalidated };
}

test.each<[Sort, Parameters<typeof aTicket>[0], number[]]>([
  ['-updated_at', { updated_at: '2026-11-21T09:00:00Z' }, [2, 1, 3]],
  ['waiting', { waiting_since: null }, [1, 3, 2]],
  ['created_at', { updated_at: '2026-11-21T09:00:00Z' }, [1, 2, 3]],
])('in a list by %s a changed ticket goes where the server has it', (sort, change, order) => {
  expect(changedIn(sort, change)).toEqual({ ids: order, asksAgain: false });
});

test('a list by what is due next is asked for again', () => {
  const { ids, asksAgain } = changedIn('due_at', { priority: 'urgent' });
  expect(ids).toEqual([1, 2, 3]);
  expect(asksAgain).toBe(true);
});
