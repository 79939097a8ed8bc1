import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aTicket, chloe, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { NewTicketFor } from './NewTicketFor';
import { PickTicket } from './PickTicket';

const OPEN = 'POST /api/v1/tickets';
const member = { ...lea, email_verified: true, joined_at: '2026-11-21T08:00:00Z' };

/** The console of an organisation with so many tickets and members. */
async function console(tickets: number, members: (typeof lea)[]) {
  const asked = answer({
    'GET /api/v1/tickets': page([], tickets),
    'GET /api/v1/members': page(members.map((one) => ({ ...member, ...one }))),
    'GET /api/v1/invitations': page([]),
  });
  await show(<PickTicket />);
  return asked;
}
const step = async (name: RegExp) => {
  const heading = await screen.findByRole('heading', { name });
  return within(heading.closest('li') as HTMLElement);
};

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('a new helpdesk shows the way to the first answer, and where customers come in', async () => {
  await console(0, [lea]);
  const first = await step(/Get a first ticket/);
  expect(first.getByRole('link', { name: 'Write a ticket' })).toHaveAttribute(
    'href',
    '/tickets/new',
  );
  expect(first.getByText('acme.localhost:8080')).toBeInTheDocument();
});

test('what is really done is ticked off', async () => {
  await console(1, [lea, tom]);
  for (const name of [/Get a first ticket/, /Answer it/, /Invite a colleague/]) {
    const done = await step(name);
    expect(await done.findByText('(done)')).toBeInTheDocument();
    expect(done.queryByRole('link')).toBeNull();
  }
});

test.each([
  ['an admin with many tickets', 'admin', 11],
  ['an agent', 'agent', 0],
])('%s is not shown the first steps', async (_who, role, tickets) => {
  welcome(loginOf(lea, role));
  await console(tickets, [lea]);
  expect(await screen.findByText('No ticket is open')).toBeInTheDocument();
  expect(screen.queryByText(/first answer/)).toBeNull();
});

test('a trial ticket is opened for oneself', async () => {
  const asked = answer({ [OPEN]: { status: 201, body: aTicket() } });
  await show(<NewTicketFor />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'Trial');
  await userEvent.type(screen.getByLabelText('Description'), 'Does it work?');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    subject: 'Trial',
    description: 'Does it work?',
  });
});

test('a second thing of a customer becomes a ticket of theirs', async () => {
  const asked = answer({
    'GET /api/v1/tickets/TKT-4F2K': { body: aTicket() },
    [OPEN]: { status: 201, body: aTicket({ id: 8, ticket_number: 'TKT-8' }) },
  });
  await show(<NewTicketFor />, '/tickets/new?from=TKT-4F2K');
  expect(await screen.findByText(/For Chloé Petit/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Subject'), 'And the lid');
  await userEvent.type(screen.getByLabelText('Description'), 'It squeaks.');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({ user_id: 10 });
});

test('staff give a new ticket its priority, its tags and its order', async () => {
  const asked = answer({
    'GET /api/v1/tags': { body: { data: [] } },
    [OPEN]: { status: 201, body: aTicket() },
  });
  await show(<NewTicketFor />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'Trial');
  await userEvent.type(screen.getByLabelText('Description'), 'Does it work?');
  await userEvent.type(screen.getByLabelText('Order'), 'CMD-1');
  await userEvent.selectOptions(screen.getByLabelText('Priority'), 'Urgent');
  await userEvent.type(screen.getByLabelText('Tags', { selector: 'input' }), 'vip,phone');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    subject: 'Trial',
    description: 'Does it work?',
    order_id: 'CMD-1',
    priority: 'urgent',
    tags: ['vip', 'phone'],
  });
});

test('a ticket is opened for a customer who is found by a part of their name', async () => {
  const asked = answer({
    'GET /api/v1/customers': { body: { data: [chloe] } },
    [OPEN]: { status: 201, body: aTicket() },
  });
  await show(<NewTicketFor />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'On the phone');
  await userEvent.type(screen.getByLabelText('Description'), 'They called.');
  await userEvent.type(screen.getByLabelText('Customer', { selector: 'input' }), 'chl');
  await userEvent.click(await screen.findByText('Chloé Petit (chloe@client.test)'));
  expect(await screen.findByText(/^For Chloé Petit/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({ user_id: 10 });
  const looked = asked.filter(({ path }) => path === '/api/v1/customers');
  expect(looked.map(({ query }) => query.get('q'))).toEqual(['chl']);
});

/** The form, and a way to leave it and come back. */
function ComingBack() {
  const [isThere, setIsThere] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setIsThere(!isThere)}>
        Elsewhere
      </button>
      {isThere && <NewTicketFor />}
    </>
  );
}

test('whoever comes back to a ticket that was begun for a customer finds them there, too', async () => {
  const asked = answer({
    'GET /api/v1/tags': { body: { data: [] } },
    'GET /api/v1/customers': { body: { data: [chloe] } },
    [OPEN]: { status: 201, body: aTicket() },
  });
  const client = await show(<ComingBack />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'On the phone');
  await userEvent.type(screen.getByLabelText('Description'), 'They called.');
  await userEvent.selectOptions(screen.getByLabelText('Priority'), 'High');
  await userEvent.type(screen.getByLabelText('Customer', { selector: 'input' }), 'chl');
  await userEvent.click(await screen.findByText('Chloé Petit (chloe@client.test)'));
  const elsewhere = screen.getByRole('button', { name: 'Elsewhere' });
  await userEvent.click(elsewhere);
  expect(screen.queryByLabelText('Subject')).toBeNull();
  await userEvent.click(elsewhere);
  expect(screen.getByText(/^For Chloé Petit/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
    user_id: 10,
    priority: 'high',
  });
  await waitFor(() => expect(client.getQueriesData({ queryKey: ['begun'] })).toEqual([]));
});

test('for a ticket that cannot be seen nobody is guessed', async () => {
  answer({ 'GET /api/v1/tickets/TKT-4F2K': problem(404, 'not_found') });
  await show(<NewTicketFor />, '/tickets/new?from=TKT-4F2K');
  expect(await screen.findByText(/could not be found out/)).toBeInTheDocument();
  expect(screen.queryByLabelText('Subject')).toBeNull();
});
