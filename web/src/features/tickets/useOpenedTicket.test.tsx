import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { aTicket, chloe, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { applier } from '../live/apply';
import { parseLive } from '../live/events';
import { PortalTicket } from '../portal/PortalTicket';
import { welcome } from '../session/session';
import { keys } from './keys';

const NUMBER = 'TKT-4F2K';

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test('a ticket that was opened by its id still hears what happens to it', async () => {
  let now = aTicket({ status: 'in_progress' });
  answer({
    'GET /api/v1/tickets/7': () => ({ body: now }),
    [`GET /api/v1/tickets/${NUMBER}`]: () => ({ body: now }),
    'GET /api/v1/tickets/7/messages': page([]),
    'GET /api/v1/tickets/7/history': page([]),
  });
  const client = await show(<PortalTicket />, '/tickets/7');
  await screen.findByRole('heading', { name: now.subject });
  await waitFor(() => expect(client.getQueryData(keys.one('7'))).toBeUndefined());
  now = { ...now, status: 'resolved', version: 2 };
  const data = { event: 'TicketResolved', ticket_id: 7, ticket_number: NUMBER };
  const heard = parseLive('ticket', JSON.stringify(data));
  if (heard) applier(client, new AbortController().signal).take(heard);
  expect(await screen.findByRole('button', { name: 'Yes, close it' })).toBeInTheDocument();
  expect(client.getQueryData(keys.one(NUMBER))).toMatchObject({ status: 'resolved' });
});
