import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMessage, aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { Composer } from './Composer';
import { forgetDrafts } from './drafts';

const SEND = 'POST /api/v1/tickets/7/messages';
const working = aTicket({
  status: 'in_progress',
  assigned_to: lea.id,
  assignee: lea,
  allowed_transitions: ['waiting_customer', 'resolved'],
});
const reply = () => screen.getByLabelText('Reply to Chloé');

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
});

test('Ctrl+Enter sends a public reply, and the field is empty again', async () => {
  const asked = answer({ [SEND]: { status: 201, body: aMessage() } });
  await show(<Composer ticket={working} />);
  await userEvent.type(reply(), 'On my way{Control>}{Enter}{/Control}');
  await waitFor(() => expect(asked.find(({ method }) => method === 'POST')).toBeDefined());
  const sent = asked.find(({ method }) => method === 'POST');
  expect(sent?.body).toEqual({ message: 'On my way', is_internal: false });
  expect(sent?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply()).toHaveValue('');
});

test('a note is sent as a note, and reply and note are two drafts', async () => {
  const asked = answer({ [SEND]: { status: 201, body: aMessage({ is_internal: true }) } });
  await show(<Composer ticket={working} />);
  await userEvent.type(reply(), 'for the customer');
  await userEvent.click(screen.getByRole('radio', { name: 'Note' }));
  await userEvent.type(screen.getByLabelText('Internal note'), 'for us');
  await userEvent.click(screen.getByRole('button', { name: 'Save the note' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      message: 'for us',
      is_internal: true,
    }),
  );
  await userEvent.click(screen.getByRole('radio', { name: 'Reply' }));
  expect(reply()).toHaveValue('for the customer');
});

test('a message that could not be sent is back in the field, with the reason', async () => {
  answer({ [SEND]: problem(409, 'ticket_closed') });
  await show(<Composer ticket={working} />);
  await userEvent.type(reply(), 'On my way');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  const message = await screen.findByRole('alert');
  expect(message).toHaveTextContent('Not sent');
  expect(message).toHaveTextContent('This ticket is closed');
  expect(reply()).toHaveValue('On my way');
});

test('send and resolve changes the status after the message, not without it', async () => {
  let refused = true;
  const resolved = { ...working, status: 'resolved' as const, version: 2 };
  const asked = answer({
    [SEND]: () => (refused ? problem(503, 'unavailable') : { status: 201, body: aMessage() }),
    'POST /api/v1/tickets/7/status': { body: resolved },
    'GET /api/v1/agents': page([lea]),
  });
  await show(<Composer ticket={working} />);
  const sendAndResolve = async () => {
    await userEvent.click(screen.getByRole('button', { name: 'More ways to send' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Send and resolve' }));
  };
  const posts = () => asked.filter(({ method }) => method === 'POST').map(({ path }) => path);
  await userEvent.type(reply(), 'Done');
  await sendAndResolve();
  await screen.findByRole('alert');
  expect(posts()).toEqual(['/api/v1/tickets/7/messages']);
  refused = false;
  await sendAndResolve();
  await waitFor(() => expect(posts().at(-1)).toBe('/api/v1/tickets/7/status'));
});

test('a closed ticket takes no more words', async () => {
  await show(<Composer ticket={aTicket({ status: 'closed', allowed_transitions: [] })} />);
  expect(screen.getByText(/the conversation has ended/)).toBeInTheDocument();
  expect(screen.queryByRole('textbox')).toBeNull();
});
