import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMessage, aTicket, chloe, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { NewTicket } from '../portal/NewTicket';
import { ReplyBox } from '../portal/ReplyBox';
import { welcome } from '../session/session';
import { GoesOn } from './GoesOn';
import { MoreMenu } from './MoreMenu';
import { Presence } from './Presence';
import { SplitMessage } from './SplitMessage';
import { UndoMerge } from './UndoMerge';

const MERGE = 'POST /api/v1/tickets/7/merge';
const other = aTicket({ id: 8, ticket_number: 'TKT-8888', subject: 'It still burns' });
const posts = (asked: ReturnType<typeof answer>) => asked.filter(({ method }) => method === 'POST');

beforeEach(() => {
  welcome(loginOf(lea));
});

async function openDialog() {
  await show(<MoreMenu ticket={aTicket()} />, '/tickets/TKT-4F2K');
  await userEvent.click(screen.getByRole('button', { name: 'More for TKT-4F2K' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Merge…' }));
  return screen.findByRole('dialog', { name: 'Merge TKT-4F2K' });
}

test('the dialog says what will happen, offers the other tickets, and nothing is sent before one is chosen', async () => {
  const asked = answer({ 'GET /api/v1/tickets': page([aTicket(), other]) });
  const dialog = await openDialog();
  expect(dialog).toHaveTextContent('All messages and notes move');
  const choices = await within(dialog).findAllByRole('radio');
  expect(choices.map((choice) => choice.getAttribute('value'))).toEqual(['TKT-8888']);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Merge' }));
  expect(within(dialog).getByText('Please fill this in.')).toBeInTheDocument();
  expect(posts(asked)).toEqual([]);
  const { violations } = await axe.run(dialog, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id }) => id)).toEqual([]);
});

test('a merge goes to the ticket that was chosen, and the way back is one press away', async () => {
  const asked = answer({
    'GET /api/v1/tickets': page([aTicket(), other]),
    [MERGE]: { body: other },
    'POST /api/v1/tickets/7/unmerge': { body: aTicket({ version: 3 }) },
  });
  const dialog = await openDialog();
  await userEvent.click(await within(dialog).findByRole('radio', { name: /It still burns/ }));
  await userEvent.click(within(dialog).getByRole('button', { name: 'Merge into TKT-8888' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Undo the merge' }));
  await waitFor(() => expect(posts(asked)).toHaveLength(2));
  const [merge, undo] = posts(asked);
  expect(merge?.body).toEqual({ into: 'TKT-8888' });
  expect(merge?.headers.get('if-match')).toBe('"1"');
  expect(undo?.path).toBe('/api/v1/tickets/7/unmerge');
});

test('a number that is typed counts, and a refusal stands in the dialog', async () => {
  const asked = answer({
    'GET /api/v1/tickets': page([aTicket()]),
    [MERGE]: problem(409, 'ticket_closed'),
  });
  const dialog = await openDialog();
  expect(await within(dialog).findByText(/no other ticket/)).toBeInTheDocument();
  await userEvent.type(within(dialog).getByLabelText('Or its number'), 'tkt-9{Enter}');
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('closed');
  expect(posts(asked)[0]?.body).toEqual({ into: 'TKT-9' });
});

test('a merged ticket leads on, and can be parted as long as that is possible', async () => {
  const merged = aTicket({
    status: 'closed',
    merged_into: 8,
    survivor: { id: 8, ticket_number: 'TKT-8888' },
    unmerge_until: '9999-11-21T08:00:00Z',
  });
  const asked = answer({ 'POST /api/v1/tickets/7/unmerge': problem(409, 'conflict') });
  await show(
    <>
      <GoesOn ticket={merged} undo={<UndoMerge ticket={merged} />} />
      <MoreMenu ticket={merged} />
    </>,
  );
  expect(screen.getByRole('link', { name: 'It goes on in TKT-8888' })).toHaveAttribute(
    'href',
    '/tickets/TKT-8888',
  );
  expect(screen.queryByRole('button', { name: /More for/ })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Undo the merge' }));
  const why = await screen.findByText(/could not be undone/);
  expect(why).toHaveTextContent('A merge is undone within 24 hours');
  expect(posts(asked)).toHaveLength(1);
});

test('after a day nothing is offered', async () => {
  await show(<UndoMerge ticket={aTicket({ unmerge_until: '2020-01-01T00:00:00Z' })} />);
  expect(screen.queryByRole('button')).toBeNull();
});

test('a customer goes on from a closed ticket, and not from one that goes on elsewhere', async () => {
  welcome(loginOf(chloe, 'customer'));
  await show(<ReplyBox ticket={aTicket({ status: 'closed' })} />);
  expect(screen.getByRole('link', { name: 'Open a follow-up' })).toHaveAttribute(
    'href',
    '/tickets/new?from=TKT-4F2K',
  );
});

test('a merged ticket offers its customer no follow-up', async () => {
  welcome(loginOf(chloe, 'customer'));
  await show(<ReplyBox ticket={aTicket({ status: 'closed', merged_into: 8 })} />);
  expect(screen.queryByRole('link')).toBeNull();
});

test('a follow-up is sent with the ticket that it follows', async () => {
  welcome(loginOf(chloe, 'customer'));
  const asked = answer({
    'GET /api/v1/tickets/TKT-4F2K': { body: aTicket({ status: 'closed' }) },
    'POST /api/v1/tickets': { status: 201, body: other },
  });
  await show(<NewTicket />, '/tickets/new?from=TKT-4F2K');
  await screen.findByRole('heading', { name: 'Follow-up of TKT-4F2K' });
  await userEvent.type(screen.getByLabelText(/Subject/), 'Again');
  await userEvent.type(screen.getByLabelText(/Description/), 'It burns again');
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  await waitFor(() =>
    expect(posts(asked)[0]?.body).toEqual({
      subject: 'Again',
      description: 'It burns again',
      follow_up_of: 7,
    }),
  );
});

test('a message becomes a ticket of its own with a subject', async () => {
  const asked = answer({ 'POST /api/v1/tickets/7/split': { status: 201, body: other } });
  await show(<SplitMessage ticket={aTicket()} message={aMessage()} />, '/tickets/TKT-4F2K');
  await userEvent.click(screen.getByRole('button', { name: 'Make a ticket of this message' }));
  const dialog = await screen.findByRole('dialog', { name: 'A ticket of its own' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Open the ticket' }));
  expect(within(dialog).getByText('Please fill this in.')).toBeInTheDocument();
  expect(posts(asked)).toEqual([]);
  await userEvent.type(within(dialog).getByLabelText('What is it about?'), ' My invoice {Enter}');
  await waitFor(() => expect(posts(asked)).toHaveLength(1));
  expect(posts(asked)[0]?.body).toEqual({ message_id: 31, subject: 'My invoice' });
  expect(posts(asked)[0]?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ['Or its number', openDialog],
  [
    'What is it about?',
    async () => {
      await show(<SplitMessage ticket={aTicket()} message={aMessage()} />, '/tickets/TKT-4F2K');
      await userEvent.click(screen.getByRole('button', { name: 'Make a ticket of this message' }));
      return screen.findByRole('dialog', { name: 'A ticket of its own' });
    },
  ],
])('what was typed at “%s” does not go with Escape alone', async (label, opened) => {
  answer({ 'GET /api/v1/tickets': page([other]) });
  const field = within(await opened()).getByLabelText(label);
  await userEvent.type(field, 'tkt-9{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Go on typing' }));
  expect(field).toBeInTheDocument();
  expect(field).toHaveValue('tkt-9');
  await userEvent.type(field, '{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Discard what I typed' }));
  await waitFor(() => expect(field).not.toBeInTheDocument());
});

test('colleagues at the ticket are named, and who writes is told apart', async () => {
  const asked = answer({
    'POST /api/v1/tickets/7/presence': {
      body: {
        data: [
          { ...tom, state: 'typing' },
          { ...lea, id: 4, firstname: 'Ines', state: 'viewing' },
        ],
      },
    },
  });
  await show(<Presence ticketId={7} />);
  expect(await screen.findByText('Tom Baker is writing…')).not.toHaveClass('visually-hidden');
  expect(screen.getByText(/^Ines .* is here, too$/)).toHaveClass('visually-hidden');
  expect(posts(asked)[0]?.body).toEqual({ state: 'viewing' });
});

test('without an answer nobody is shown', async () => {
  answer({ 'POST /api/v1/tickets/7/presence': problem(503, 'unavailable') });
  await show(<Presence ticketId={7} />);
  await waitFor(() => expect(screen.queryByRole('list')).toBeNull());
});
