import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { aMessage, aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { Composer } from '../messages/Composer';
import { forgetDrafts } from '../messages/drafts';
import { welcome } from '../session/session';

const SEND = 'POST /api/v1/tickets/7/messages';
const ines = { ...tom, id: 4, firstname: 'Inès', lastname: 'Blanc', email: 'ines@acme.test' };

async function write(table: Parameters<typeof answer>[0] = {}, mode: 'Note' | 'Reply' = 'Note') {
  const asked = answer({
    'GET /api/v1/agents': page([lea, tom, ines]),
    [SEND]: { status: 201, body: aMessage({ is_internal: true }) },
    ...table,
  });
  await show(<Composer ticket={aTicket({ status: 'in_progress', assigned_to: lea.id })} />);
  await userEvent.click(screen.getByRole('radio', { name: mode }));
  return asked;
}
const note = () => screen.getByLabelText('Internal note');
const sent = (asked: Awaited<ReturnType<typeof write>>) =>
  asked.find(({ method }) => method === 'POST')?.body;

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
});

test('the keyboard chooses a colleague behind an @, and the note tells them', async () => {
  const asked = await write();
  await userEvent.type(note(), 'Ask @');
  expect(await screen.findAllByRole('option')).toHaveLength(2);
  expect(screen.getByText(/^2 colleagues/)).toHaveAttribute('role', 'status');
  const active = () => document.getElementById(note().getAttribute('aria-activedescendant') ?? '');
  expect(active()).toHaveTextContent('Inès Blanc');
  await userEvent.keyboard('{ArrowDown}');
  expect(active()).toHaveTextContent('Tom Baker');
  await userEvent.keyboard('{ArrowDown}{ArrowUp}{Enter}');
  expect(note()).toHaveValue('Ask @Tom Baker ');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(note()).not.toHaveAttribute('aria-activedescendant');
  expect(screen.getByText('This note tells Tom Baker.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Save the note' }));
  await waitFor(() =>
    expect(sent(asked)).toEqual({
      message: 'Ask @Tom Baker',
      is_internal: true,
      mentions: [tom.id],
    }),
  );
});

test('who reads with other senses is told who is offered, and which of them is chosen', async () => {
  await write();
  await userEvent.type(note(), '@');
  const list = await screen.findByRole('listbox', { name: 'Colleagues' });
  expect(note()).toHaveAttribute('aria-controls', list.id);
  expect(screen.getByRole('option', { selected: true })).toHaveTextContent('Inès Blanc');
  const writing = screen.getByRole('region', { name: 'Write' });
  const { violations } = await axe.run(writing, {
    rules: { 'color-contrast': { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});

test('what is typed narrows it down, and a click chooses too', async () => {
  await write();
  await userEvent.type(note(), '@ine');
  await userEvent.click(await screen.findByRole('option', { name: /Inès Blanc/ }));
  expect(note()).toHaveValue('@Inès Blanc ');
});

test('Escape means nobody: one goes on writing, and Enter is a new line', async () => {
  await write();
  await userEvent.type(note(), '@t');
  await screen.findByRole('listbox');
  await userEvent.keyboard('{Escape}');
  expect(note()).toHaveFocus();
  await userEvent.keyboard('o{Enter}');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(note()).toHaveValue('@to\n');
});

test('a reply names nobody', async () => {
  const asked = await write({}, 'Reply');
  await userEvent.type(screen.getByLabelText('Reply to Chloé'), '@Tom Baker{Enter}says');
  expect(screen.queryByRole('listbox')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() =>
    expect(sent(asked)).toEqual({ message: '@Tom Baker\nsays', is_internal: false }),
  );
});

test('a note that was begun elsewhere names those who stand in it', async () => {
  const draft = { message: '@Tom Baker look', updated_at: '2026-11-20T08:00:00Z' };
  const asked = await write({
    'GET /api/v1/tickets/7/draft': { body: { reply: null, note: draft } },
  });
  expect(await screen.findByText('This note tells Tom Baker.')).toBeInTheDocument();
  expect(screen.queryByRole('listbox')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Save the note' }));
  await waitFor(() => expect(sent(asked)).toMatchObject({ mentions: [tom.id] }));
});

test('whoever does not see the ticket is told by name, and the note is back in the field', async () => {
  const body = {
    status: 422,
    code: 'validation_failed',
    detail: 'x',
    errors: [{ field: 'mentions[0]', code: 'unknown_value', message: 'y' }],
  };
  await write({ [SEND]: { status: 422, body } });
  await userEvent.type(note(), '@Tom Baker');
  await userEvent.click(screen.getByRole('button', { name: 'Save the note' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Tom Baker does not see this ticket');
  expect(note()).toHaveValue('@Tom Baker');
});
