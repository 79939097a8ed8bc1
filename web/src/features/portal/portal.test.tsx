import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aCategory } from '~/testing/desk';
import { aTicket, chloe, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { MyTickets } from './MyTickets';
import { NewTicket } from './NewTicket';
import { ReplyBox } from './ReplyBox';
import { Solved } from './Solved';

const solved = aTicket({ status: 'resolved', version: 5, allowed_transitions: ['closed'] });

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test('who has no tickets yet is shown the way to the first', async () => {
  answer({ 'GET /api/v1/tickets': page([]) });
  await show(<MyTickets />);
  expect(await screen.findByText('You have no tickets yet')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'New ticket' })).toHaveAttribute('href', '/tickets/new');
});

test('tickets that cannot be loaded can be asked for again', async () => {
  let works = false;
  answer({ 'GET /api/v1/tickets': () => (works ? page([aTicket()]) : 'no network') });
  await show(<MyTickets />);
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Printer on fire')).toBeInTheDocument();
});

test('a status is said in words that mean something to the person who waits', async () => {
  answer({ 'GET /api/v1/tickets': page([aTicket({ status: 'waiting_customer' })]) });
  await show(<MyTickets />);
  expect(await screen.findByText('Your answer is needed')).toBeInTheDocument();
});

test('a ticket is sent once, however often the button is pressed after a failure', async () => {
  const asked = answer({ 'POST /api/v1/tickets': problem(503, 'unavailable') });
  await show(<NewTicket />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'Printer on fire');
  await userEvent.type(screen.getByLabelText('Description'), 'It burns.');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  const sent = () => asked.filter(({ method }) => method === 'POST');
  await waitFor(() => expect(sent()).toHaveLength(2));
  const keys = sent().map(({ headers }) => headers.get('idempotency-key'));
  expect(keys[0]).toBeTruthy();
  expect(keys[0]).toBe(keys[1]);
});

/** The form, and a way to leave it and come back. */
function ComingBack() {
  const [isThere, setIsThere] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setIsThere(!isThere)}>
        Elsewhere
      </button>
      {isThere && <NewTicket />}
    </>
  );
}

test('a ticket that was begun is still there for whoever comes back, until it is sent', async () => {
  answer({
    'GET /api/v1/categories': page([aCategory()]),
    'POST /api/v1/tickets': { status: 201, body: aTicket() },
  });
  await show(<ComingBack />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'Printer on fire');
  await userEvent.type(screen.getByLabelText('Description'), 'It burns.');
  await userEvent.selectOptions(await screen.findByLabelText('Category'), 'Repair');
  const leaves = () => {
    const event = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leaves(), 'the browser asks').toBe(true);
  const elsewhere = screen.getByRole('button', { name: 'Elsewhere' });
  await userEvent.click(elsewhere);
  expect(screen.queryByLabelText('Subject')).toBeNull();
  await userEvent.click(elsewhere);
  expect(screen.getByLabelText('Subject')).toHaveValue('Printer on fire');
  expect(screen.getByLabelText('Description')).toHaveValue('It burns.');
  expect(await screen.findByLabelText('Category')).toHaveValue('repair');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  await waitFor(() => expect(leaves()).toBe(false));
});

test('confirming sends the version that was on the screen', async () => {
  const asked = answer({
    'POST /api/v1/tickets/7/status': { body: { ...solved, status: 'closed', version: 6 } },
  });
  await show(<Solved ticket={solved} />);
  await userEvent.click(screen.getByRole('button', { name: 'Yes, close it' }));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]?.body).toEqual({ status: 'closed' });
  expect(asked[0]?.headers.get('if-match')).toBe('"5"');
});

test('a confirmation that comes too late is explained', async () => {
  answer({ 'POST /api/v1/tickets/7/status': problem(409, 'illegal_transition') });
  await show(<Solved ticket={solved} />);
  await userEvent.click(screen.getByRole('button', { name: 'Yes, close it' }));
  expect(await screen.findByText('The ticket could not be closed.')).toBeInTheDocument();
});

test('writing on a solved ticket takes the solution back', async () => {
  const asked = answer({ 'POST /api/v1/tickets/7/messages': problem(503, 'unavailable') });
  await show(<ReplyBox ticket={solved} />);
  await userEvent.type(screen.getByLabelText('Your message'), 'Not yet');
  await userEvent.click(screen.getByRole('button', { name: 'Send and go on' }));
  const sent = () => asked.find(({ method }) => method === 'POST');
  await waitFor(() => expect(sent()?.body).toEqual({ message: 'Not yet', reopen: true }));
  await waitFor(() => expect(screen.getByLabelText('Your message')).toHaveValue('Not yet'));
});
