import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TicketPage } from './TicketPage';

const ticket = aTicket({ status: 'in_progress', assigned_to: lea.id, assignee: lea });
const other = aTicket({ id: 12, ticket_number: 'TKT-9ABC' });

/** An open ticket whose details stand in a drawer, and the form that links it with another one. */
async function openForm() {
  const asked = answer({
    'GET /api/v1/tickets/TKT-4F2K': { body: ticket },
    'GET /api/v1/tickets/TKT-9ABC': { body: other },
    'GET /api/v1/tickets/7/links': { body: { data: [] } },
    'GET /api/v1/tickets/7/messages': page([]),
    'GET /api/v1/tickets/7/history': page([]),
    'GET /api/v1/tickets/7/attachments': page([]),
    'POST /api/v1/tickets/7/links': { status: 201, body: {} },
  });
  await show(<TicketPage />, '/tickets/TKT-4F2K');
  await userEvent.click(await screen.findByRole('button', { name: 'Show the details' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Link a ticket' }));
  return { asked, number: await screen.findByLabelText('Number of the other ticket') };
}

beforeEach(() => welcome(loginOf(lea)));

test('tickets are linked by number, and a number that leads nowhere says so', async () => {
  const { asked, number } = await openForm();
  await userEvent.type(number, 'zzzz{Enter}');
  expect(await screen.findByText('There is no such ticket that you may see.')).toBeInTheDocument();
  await userEvent.clear(number);
  await userEvent.type(number, '9abc');
  await userEvent.selectOptions(screen.getByLabelText('The other one is'), 'Parent');
  await userEvent.click(screen.getByRole('button', { name: 'Link' }));
  await waitFor(() => expect(number).not.toBeInTheDocument());
  const sent = asked.find(({ path, method }) => path.endsWith('/links') && method === 'POST');
  expect(sent?.body).toEqual({ to: 12, relation: 'parent' });
});

test('Escape asks before the number that was typed is lost, and leaves the details open', async () => {
  const { number } = await openForm();
  await userEvent.type(number, '9abc{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Go on typing' }));
  expect(number).toBeInTheDocument();
  expect(number).toHaveValue('9abc');
  await userEvent.clear(number);
  await userEvent.type(number, '{Escape}');
  await waitFor(() => expect(number).not.toBeInTheDocument());
  expect(screen.getByRole('button', { name: 'Link a ticket' })).toBeInTheDocument();
});
