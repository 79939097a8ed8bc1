import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aView } from '~/testing/desk';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { SnoozeMenu } from '../snooze/SnoozeMenu';
import { TicketTags } from '../tags/TicketTags';
import { AssignMenu } from '../tickets/AssignMenu';
import { PriorityMenu } from '../tickets/PriorityMenu';
import { StatusMenu } from '../tickets/StatusMenu';
import { Console } from './Console';
import { lettersWork } from './letters';
import { ShortcutSheet } from './ShortcutSheet';

vi.mock('../live/useLive', () => ({ useLive: () => ({ state: 'live', ready: true }) }));

/** The console with `part`: an open ticket of which the priority alone can be changed here; and its palette. */
async function open(
  role = 'manager',
  table: Parameters<typeof answer>[0] = {},
  part = <PriorityMenu ticket={aTicket()} />,
) {
  welcome(loginOf(lea, role));
  answer({
    'GET /api/v1/views': { body: { built_in: [], data: [aView()] } },
    'GET /api/v1/tickets': page([]),
    'GET /api/v1/search': page([]),
    ...table,
  });
  await show(
    <>
      <Console />
      {part}
    </>,
  );
  (await screen.findByRole('link', { name: 'Help centre' })).focus();
  return palette();
}
async function palette() {
  await userEvent.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox', { name: 'Command, page or ticket' });
  await waitFor(() => expect(field).toHaveFocus());
  return field;
}
const option = (name: string) => screen.queryByRole('option', { name: new RegExp(`^${name}`) });

test('a view is opened by its name, and Escape goes back to where one was', async () => {
  await open();
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('link', { name: 'Help centre' })).toHaveFocus();
  await palette();
  expect(option('Important')).toBeInTheDocument();
  expect(screen.getByRole('combobox')).toHaveAttribute(
    'aria-controls',
    screen.getByRole('listbox').id,
  );
  await userEvent.keyboard('WAITING');
  await waitFor(() => expect(option('To my tickets')).toBeNull());
  await waitFor(() => expect(option('To the waiting')).toHaveAttribute('data-combobox-selected'));
  await userEvent.keyboard('{Enter}');
  await waitFor(() =>
    expect(screen.getByRole('link', { name: /^Waiting/ })).toHaveAttribute('aria-current'),
  );
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('it offers what can be done here, and does it', async () => {
  await open();
  expect(option('Assign')).toBeNull();
  await waitFor(() => expect(option('Priority')).toHaveAttribute('data-combobox-selected'));
  await userEvent.keyboard('{Enter}');
  expect(await screen.findByRole('menuitem', { name: 'Urgent' })).toBeInTheDocument();
});

test.each([
  ['open', true],
  ['closed', false],
] as const)('of a ticket that is %s it offers what can be changed', async (status, offers) => {
  const ticket = aTicket({ status, allowed_transitions: offers ? ['closed'] : [] });
  await open(
    'agent',
    { 'GET /api/v1/agents': page([lea]), 'GET /api/v1/tags': { body: { data: [] } } },
    <>
      <StatusMenu ticket={ticket} />
      <AssignMenu ticket={ticket} />
      <PriorityMenu ticket={ticket} />
      <SnoozeMenu ticket={ticket} />
      <TicketTags ticket={ticket} />
    </>,
  );
  for (const name of ['Status', 'Assign', 'Priority', 'Snooze', 'Tags']) {
    expect(option(name) !== null, name).toBe(offers);
  }
});

test.each([
  ['agent', ['Replies and macros'], ['Reports', 'Teams', 'Audit log']],
  ['manager', ['Reports', 'Teams'], ['Members']],
])('%ss find the pages that they may open', async (role, theirs, others) => {
  await open(role);
  for (const name of theirs) expect(option(name), name).toBeInTheDocument();
  for (const name of others) expect(option(name), name).toBeNull();
});

test('tickets are found by their words; those of words before are not opened', async () => {
  const { id, ticket_number, subject } = aTicket();
  const hit = { kind: 'ticket', ticket: { id, ticket_number, subject }, highlights: [] };
  await open('agent', {
    'GET /api/v1/search': ({ query }) =>
      query.get('q') === 'fire' ? page([hit, { ...hit, message_id: 3 }]) : page([]),
  });
  await userEvent.keyboard('fire');
  expect(await screen.findAllByRole('option', { name: /^Printer on fire/ })).toHaveLength(1);
  await userEvent.keyboard('fly');
  expect(option('Printer on fire')).toBeNull();
  expect(await screen.findByText('Nothing fits.')).toBeInTheDocument();
});

test('a search that fails is told as one, not as nothing', async () => {
  await open('agent', { 'GET /api/v1/search': problem(503, 'unavailable') });
  await userEvent.keyboard('zebra');
  expect(await screen.findByRole('alert')).toHaveTextContent('Tickets could not be searched.');
  expect(screen.queryByText('Nothing fits.')).toBeNull();
});

test('the sheet of keys turns those without Ctrl off and on', async () => {
  await show(<ShortcutSheet opened onClose={() => {}} />);
  const letters = await screen.findByRole('switch', { name: /Keys without Ctrl/ });
  expect(letters).toBeChecked();
  await userEvent.click(letters);
  expect(letters).not.toBeChecked();
  expect(lettersWork()).toBe(false);
  await userEvent.click(letters);
  expect(lettersWork()).toBe(true);
});
