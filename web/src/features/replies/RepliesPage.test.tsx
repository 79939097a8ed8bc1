import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMacro, aReply, aTeam } from '~/testing/desk';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { RepliesPage } from './RepliesPage';

async function open(role = 'agent', table: Parameters<typeof answer>[0] = {}) {
  welcome(loginOf(lea, role));
  const asked = answer({
    'GET /api/v1/canned-replies': page([aReply()]),
    'GET /api/v1/macros': page([aMacro()]),
    'GET /api/v1/agents': page([lea]),
    'GET /api/v1/categories': page([]),
    'GET /api/v1/tags': { body: { data: [] } },
    ...table,
  });
  await show(<RepliesPage />, '/settings/replies');
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.find((one) => one.method === method);

test('agents change what is theirs, not what is everybody’s', async () => {
  await open();
  expect(await screen.findByRole('button', { name: 'Change “Greeting”' })).toBeInTheDocument();
  expect(await screen.findByText(/Solve it/)).toHaveTextContent('for everybody');
  expect(screen.queryByRole('button', { name: 'Change “Solve it”' })).toBeNull();
});

test('a reply is changed with the version that was shown', async () => {
  const asked = await open('agent', { 'PATCH /api/v1/canned-replies/21': { body: aReply() } });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “Greeting”' }));
  const name = await screen.findByLabelText('Name');
  await userEvent.clear(name);
  await userEvent.type(name, 'Hello');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PATCH')?.headers.get('if-match')).toBe('"2"');
  expect(sent(asked, 'PATCH')?.body).toEqual({
    name: 'Hello',
    message: 'Hello {{requester.firstname}}',
  });
});

test('what the server finds wrong stands at its field', async () => {
  await open('manager', {
    'POST /api/v1/canned-replies': {
      status: 422,
      body: {
        status: 422,
        code: 'validation_failed',
        detail: 'x',
        errors: [{ field: 'message', code: 'unknown_value', message: 'There is no such.' }],
      },
    },
  });
  await userEvent.click(screen.getByRole('button', { name: 'New canned reply' }));
  await userEvent.type(await screen.findByLabelText('Name'), 'Bye');
  await userEvent.click(screen.getByLabelText('Text'));
  await userEvent.paste('{{nobody}}');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('This is not known here.')).toBeInTheDocument();
});

test('a macro that says and does nothing is not saved', async () => {
  const asked = await open();
  await userEvent.click(screen.getByRole('button', { name: 'New macro' }));
  await userEvent.type(await screen.findByLabelText('Name'), 'Nothing');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByText('Write a text or add an action.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
});

test('a macro does several things, in their order', async () => {
  const asked = await open('manager', { 'POST /api/v1/macros': { status: 201, body: aMacro() } });
  await userEvent.click(screen.getByRole('button', { name: 'New macro' }));
  await userEvent.type(await screen.findByLabelText('Name'), 'Take over');
  const add = screen.getByRole('button', { name: 'Add an action' });
  await userEvent.click(add);
  await userEvent.selectOptions(screen.getByLabelText('Action 1'), 'Assign');
  await userEvent.click(add);
  await userEvent.selectOptions(screen.getByLabelText('Action 2'), 'Set the priority');
  await userEvent.selectOptions(screen.getAllByLabelText('To').at(-1) as HTMLElement, 'Urgent');
  await userEvent.click(screen.getByLabelText('For everybody of the staff'));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'POST')?.body).toEqual({
    name: 'Take over',
    message: null,
    is_internal: false,
    scope: 'everybody',
    actions: [
      { action: 'assign', assigned_to: 'me' },
      { action: 'priority', priority: 'urgent' },
    ],
  });
});

test('a reply is removed only after a question that names it', async () => {
  const asked = await open('agent', { 'DELETE /api/v1/canned-replies/21': { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove “Greeting”' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove “Greeting”?' });
  expect(sent(asked, 'DELETE')).toBeUndefined();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove “Greeting”' }));
  await waitFor(() => expect(sent(asked, 'DELETE')).toBeDefined());
});

test.each([
  [page([]), 'No canned replies yet'],
  [problem(503, 'unavailable'), 'This could not be loaded.'],
])('a list that is empty or refused says so', async (reply, words) => {
  await open('agent', { 'GET /api/v1/canned-replies': reply });
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('a macro for a team that was removed says so, and not the first of the list', async () => {
  const macro = aMacro({ actions: [{ action: 'team', team_id: 5 }] });
  await open('manager', {
    'GET /api/v1/macros': page([macro]),
    'GET /api/v1/teams': page([aTeam()]),
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “Solve it”' }));
  const team = await screen.findByLabelText('To');
  await waitFor(() => expect(team).toHaveDisplayValue('A removed team (#5)'));
  await userEvent.selectOptions(team, 'Returns');
  expect(screen.queryByText('A removed team (#5)')).toBeNull();
});
