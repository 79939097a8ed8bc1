import { beforeEach, expect, test, vi } from 'vitest';
import { newQueryClient } from '~/api/queries';
import { answer, problem } from '~/testing/api';
import { aTicket, lea, loginOf } from '~/testing/people';
import { welcome } from '../session/session';
import { keys } from '../tickets/keys';
import type { TicketPages } from '../tickets/queries';
import { filterOf } from '../tickets/views';
import { applier } from './apply';
import { parseLive } from './events';

const unassigned = filterOf('unassigned');
const GET = 'GET /api/v1/tickets/TKT-4F2K';

/** A page that shows one list with its count, and hears `kind` about ticket 7. */
async function hear(kind: string, event: string, shown: ReturnType<typeof aTicket>[]) {
  const client = newQueryClient();
  client.setQueryData(keys.list(unassigned), {
    pages: [{ data: shown, page: { next_cursor: null, limit: 50 } }],
    pageParams: [null],
  });
  client.setQueryData(keys.count(unassigned), shown.length);
  for (const id of [7, 8]) client.setQueryData(keys.links(id), []);
  const page = applier(client, new AbortController().signal);
  const data = JSON.stringify({ event, ticket_id: 7, ticket_number: 'TKT-4F2K' });
  const heard = parseLive(kind, data);
  if (heard) page.take(heard);
  await vi.advanceTimersByTimeAsync(200);
  const rows = client
    .getQueryData<TicketPages>(keys.list(unassigned))
    ?.pages.flatMap((p) => p.data.map(({ id }) => id));
  return { client, rows, count: client.getQueryData(keys.count(unassigned)) };
}

beforeEach(() => {
  vi.useFakeTimers();
  welcome(loginOf(lea));
  return () => vi.useRealTimers();
});

test('a new ticket enters the list and its count with a single question', async () => {
  const asked = answer({ [GET]: { body: aTicket() } });
  const { rows, count } = await hear('ticket', 'TicketCreated', []);
  expect(rows).toEqual([7]);
  expect(count).toBe(1);
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/tickets/TKT-4F2K']);
});

test('a ticket that a colleague took leaves the queue and its count', async () => {
  const taken = aTicket({ status: 'in_progress', assigned_to: 3, version: 2 });
  answer({ [GET]: { body: taken } });
  const { rows, count } = await hear('ticket', 'TicketAssigned', [aTicket()]);
  expect(rows).toEqual([]);
  expect(count).toBe(0);
});

test('a ticket that may no longer be seen leaves without a question', async () => {
  const asked = answer({});
  const { rows, count } = await hear('hidden', 'TicketHidden', [aTicket()]);
  expect(rows).toEqual([]);
  expect(count).toBe(0);
  expect(asked).toHaveLength(0);
});

test('a ticket that is gone when it is asked for leaves too', async () => {
  answer({ [GET]: problem(404, 'not_found') });
  const { rows } = await hear('ticket', 'TicketAssigned', [aTicket()]);
  expect(rows).toEqual([]);
});

test('a message makes only its own conversation stale', async () => {
  answer({ [GET]: { body: aTicket({ unread_count: 1 }) } });
  const { client } = await hear('message', 'MessageAdded', [aTicket()]);
  expect(client.getQueryState(keys.list(unassigned))?.isInvalidated).toBe(false);
  expect(client.getQueryData(keys.one('TKT-4F2K'))).toMatchObject({ unread_count: 1 });
});

test('what a ticket is linked with is asked for anew, and not what others are', async () => {
  answer({ [GET]: { body: aTicket({ version: 2 }) } });
  const { client } = await hear('ticket', 'TicketLinked', [aTicket()]);
  const isStale = (id: number) => client.getQueryState(keys.links(id))?.isInvalidated;
  expect([isStale(7), isStale(8)]).toEqual([true, false]);
});
