import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMacro, aReply } from '~/testing/desk';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { Composer } from '../messages/Composer';
import { forgetDrafts } from '../messages/drafts';
import { welcome } from '../session/session';

const working = aTicket({ status: 'in_progress', assigned_to: lea.id, assignee: lea });
const filled = (change = {}) => ({
  body: { message: 'Hello Chloé', message_html: '', unresolved: [], effects: [], ...change },
});
const APPLY = 'POST /api/v1/tickets/7/macros/31';
const reply = () => screen.getByLabelText('Reply to Chloé');

async function compose(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    'GET /api/v1/tickets/7/draft': { body: {} },
    'PUT /api/v1/tickets/7/draft': { status: 204 },
    'GET /api/v1/agents': page([lea]),
    'GET /api/v1/canned-replies': page([aReply()]),
    'GET /api/v1/macros': page([aMacro()]),
    'POST /api/v1/canned-replies/21/preview': filled(),
    'POST /api/v1/macros/31/preview': filled({
      message: 'Solved.',
      effects: [{ action: 'status', from: 'in_progress', to: 'resolved' }],
    }),
    ...table,
  });
  await show(<Composer ticket={working} />);
  return asked;
}
const preview = () => screen.findByRole('region', { name: 'What it says and does here' });

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
});

test('a slash finds a reply, Enter puts it in, filled for this ticket', async () => {
  const asked = await compose();
  await userEvent.type(reply(), '/');
  const search = await screen.findByRole('combobox', { name: 'Search by name or text' });
  await userEvent.type(search, 'greet');
  expect(await within(await preview()).findByText('Hello Chloé')).toBeInTheDocument();
  expect(asked.find(({ path }) => path.endsWith('/preview'))?.body).toEqual({ ticket: 7 });
  await userEvent.type(search, '{Enter}');
  await waitFor(() => expect(reply()).toHaveValue('Hello Chloé'));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a slash within a line, and a second one, are slashes', async () => {
  await compose();
  await userEvent.type(reply(), 'and/or');
  expect(reply()).toHaveValue('and/or');
  expect(screen.queryByRole('dialog')).toBeNull();
  await userEvent.clear(reply());
  await userEvent.type(reply(), '/');
  await userEvent.type(await screen.findByRole('combobox'), '/');
  await waitFor(() => expect(reply()).toHaveValue('/'));
});

test('a text with a placeholder that has no value is refused, and the placeholder is named', async () => {
  await compose({
    'POST /api/v1/canned-replies/21/preview': filled({ unresolved: ['order.id'] }),
  });
  await userEvent.click(screen.getByRole('button', { name: 'Canned replies and macros' }));
  await userEvent.type(await screen.findByRole('combobox'), 'greet');
  expect(await screen.findByRole('alert')).toHaveTextContent('{{order.id}}');
  expect(screen.getByRole('button', { name: 'Insert' })).toBeDisabled();
  await userEvent.type(screen.getByRole('combobox'), '{Enter}');
  expect(reply()).toHaveValue('');
});

test('a macro is looked at before it acts, and says what it changes', async () => {
  const asked = await compose({
    [APPLY]: { status: 201, body: aTicket({ status: 'resolved', version: 2 }) },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Canned replies and macros' }));
  const search = await screen.findByRole('combobox');
  await userEvent.type(search, 'solve');
  const region = await preview();
  expect(await within(region).findByText('Solved.')).toBeInTheDocument();
  expect(within(region).getByRole('list', { name: 'What changes' })).toHaveTextContent(
    'Status: In progress → Resolved',
  );
  await userEvent.type(search, '{Enter}');
  const button = screen.getByRole('button', { name: 'Send and apply' });
  expect(button).toHaveFocus();
  expect(asked.some(({ path }) => path.includes('/tickets/7/macros'))).toBe(false);
  await userEvent.click(button);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = asked.find(({ path }) => path.includes('/tickets/7/macros'));
  expect(sent?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

test('what a macro may not do is said with its reason, and nothing is sent', async () => {
  await compose({
    'POST /api/v1/macros/31/preview': filled({
      effects: [{ action: 'status', from: 'open', to: 'resolved', refused: 'illegal_transition' }],
    }),
  });
  await userEvent.click(screen.getByRole('button', { name: 'Canned replies and macros' }));
  await userEvent.type(await screen.findByRole('combobox'), 'solve');
  expect(await screen.findByText(/cannot go to this status/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Send and apply' })).toBeDisabled();
});

test('a macro that is refused after all says why, and the dialog stays', async () => {
  await compose({ [APPLY]: problem(409, 'ticket_closed') });
  await userEvent.click(screen.getByRole('button', { name: 'Canned replies and macros' }));
  await userEvent.type(await screen.findByRole('combobox'), 'solve');
  await userEvent.click(await screen.findByRole('button', { name: 'Send and apply' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This ticket is closed');
});
