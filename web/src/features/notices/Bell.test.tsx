import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { newQueryClient } from '~/api/queries';
import type { Notice } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { applier } from '../live/apply';
import { parseLive } from '../live/events';
import { welcome } from '../session/session';
import { Bell } from './Bell';
import { unreadCount } from './queries';

const LIST = 'GET /api/v1/notifications';
const told = (change: Partial<Notice> = {}): Notice => ({
  id: 51,
  kind: 'assigned',
  ticket_id: 7,
  data: { ticket_number: 'TKT-4F2K' },
  created_at: '2026-11-20T08:00:00Z',
  read_at: null,
  ...change,
});

async function bell(notices: Notice[], table: Parameters<typeof answer>[0] = {}) {
  let all = notices;
  const asked = answer({
    [LIST]: ({ query }) =>
      query.get('unread') ? page([], all.filter((one) => !one.read_at).length) : page(all),
    'POST /api/v1/notifications/51/read': () => {
      all = all.map((one) => (one.id === 51 ? { ...one, read_at: one.created_at } : one));
      return { status: 204 };
    },
    'POST /api/v1/notifications/read': () => {
      all = all.map((one) => ({ ...one, read_at: one.created_at }));
      return { status: 204 };
    },
    ...table,
  });
  await show(<Bell />);
  return asked;
}
const open = async (name: RegExp) => userEvent.click(await screen.findByRole('button', { name }));

beforeEach(() => welcome(loginOf(lea)));

test('the bell says how much is new, and what it is', async () => {
  await bell([told(), told({ id: 52, kind: 'sla_breach' }), told({ id: 53, kind: 'unheard_of' })]);
  await open(/3 unread/);
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByRole('link', { name: /TKT-4F2K was given to you/ })).toHaveAttribute(
    'href',
    '/tickets/TKT-4F2K',
  );
  expect(dialog.getByText('TKT-4F2K is late')).toBeInTheDocument();
  expect(dialog.getByText('There is something new about TKT-4F2K')).toBeInTheDocument();
});

test('of a file that was given to one, the way leads to it, and not to its ticket', async () => {
  await bell([told({ kind: 'file_shared' })]);
  await open(/1 unread/);
  const link = await screen.findByRole('link', { name: /A file was shared with you/ });
  expect(link).toHaveAttribute('href', '/files');
});

test.each([
  ['mentioned', 'You were named in a note of TKT-4F2K'],
  ['watched_message', 'There is a new message in TKT-4F2K'],
  ['watched_status', 'The status of TKT-4F2K has changed'],
  ['watched_assigned', 'The assignee of TKT-4F2K has changed'],
  ['attachment_infected', 'Malware was found in a file of TKT-4F2K; the file is gone'],
  ['attachment_refused', 'A file of TKT-4F2K was taken away: your organisation refuses it'],
  ['file_shared', 'A file was shared with you'],
])('what is told as %s says what it is', async (kind, words) => {
  await bell([told({ kind })]);
  await open(/1 unread/);
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('one is marked as read, or all, and the number follows', async () => {
  const asked = await bell([told(), told({ id: 52, kind: 'sla_warning' })]);
  await open(/2 unread/);
  await userEvent.click(
    await screen.findByRole('button', { name: 'Mark as read: TKT-4F2K was given to you' }),
  );
  await screen.findByRole('button', { name: /1 unread/, hidden: true });
  await userEvent.click(screen.getByRole('button', { name: 'Mark all as read' }));
  await screen.findByRole('button', { name: 'Notifications', hidden: true });
  expect(asked.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
    '/api/v1/notifications/51/read',
    '/api/v1/notifications/read',
  ]);
});

test('following one to its ticket marks it as read', async () => {
  const asked = await bell([told()]);
  await open(/1 unread/);
  await userEvent.click(await screen.findByRole('link', { name: /was given to you/ }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
});

test.each([
  [page([], 0), 'Nothing new'],
  [problem(503, 'unavailable'), 'The notifications could not be loaded.'],
])('a list that is empty or refused says so', async (reply, words) => {
  await bell([], { [LIST]: reply });
  await open(/^Notifications/);
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('a live event has the number asked for again, a moment later', async () => {
  vi.useFakeTimers();
  answer({ 'GET /api/v1/tickets/TKT-4F2K': { body: aTicket() } });
  const client = newQueryClient();
  client.setQueryData(unreadCount.queryKey, 0);
  const data = '{"event":"TicketAssigned","ticket_id":7,"ticket_number":"TKT-4F2K"}';
  const event = parseLive('ticket', data);
  if (event) applier(client, new AbortController().signal).take(event);
  await vi.advanceTimersByTimeAsync(2500);
  expect(client.getQueryState(unreadCount.queryKey)?.isInvalidated).toBe(true);
  vi.useRealTimers();
});
