import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aTeam } from '~/testing/desk';
import { lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TeamsPage } from './TeamsPage';

const member = { user_id: tom.id, firstname: 'Tom', lastname: 'Baker', skills: ['paint'] };

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    'GET /api/v1/teams': page([aTeam({ members: [member] })]),
    'GET /api/v1/agents': page([lea, { ...tom, available: false, capacity: 5 }]),
    ...table,
  });
  await show(<TeamsPage />, '/settings/teams');
  await screen.findByText('Returns');
  return asked;
}
const sent = (asked: Awaited<ReturnType<typeof open>>, method: string) =>
  asked.find((one) => one.method === method);

beforeEach(() => welcome(loginOf(lea, 'manager')));

test('a team stands with the way its tickets are given out, and with its members', async () => {
  await open();
  const row = screen.getByText('Returns').closest('li');
  expect(row).toHaveTextContent('In turn · Tom Baker');
});

test('members join with what they know, and the others stay as they were', async () => {
  const asked = await open({ 'PATCH /api/v1/teams/4': { body: aTeam() } });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Returns”' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(await dialog.findByLabelText('Léa Morel'));
  await userEvent.type(
    dialog.getByLabelText('What Léa Morel knows', { selector: 'input' }),
    'Wood{Enter}',
  );
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PATCH')?.headers.get('if-match')).toBe('"1"');
  expect(sent(asked, 'PATCH')?.body).toEqual({
    name: 'Returns',
    assignment: 'round_robin',
    members: [
      { user_id: lea.id, skills: ['wood'] },
      { user_id: tom.id, skills: ['paint'] },
    ],
  });
});

test('a team whose name is taken is refused in the server’s words', async () => {
  const refusal = {
    status: 409,
    code: 'conflict',
    detail: 'There is a team of that name already.',
  };
  await open({ 'POST /api/v1/teams': { status: 409, body: refusal } });
  await userEvent.click(screen.getByRole('button', { name: 'New team' }));
  await userEvent.type(await screen.findByLabelText('Name'), 'Returns');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('There is a team of that name');
});

test('managers say for others that they are there again, and how much they take', async () => {
  const asked = await open({ [`PATCH /api/v1/agents/${tom.id}/availability`]: { body: {} } });
  const row = (await screen.findByText(/^Away/)).closest('li') as HTMLElement;
  expect(row).toHaveTextContent('Tom Baker');
  expect(row).toHaveTextContent('at most 5 tickets');
  await userEvent.click(within(row).getByRole('button'));
  const dialog = within(await screen.findByRole('dialog', { name: 'Availability of Tom Baker' }));
  await userEvent.click(dialog.getByRole('switch', { name: /^There/ }));
  const most = dialog.getByLabelText('Open tickets at most');
  await userEvent.clear(most);
  await userEvent.type(most, 'many');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(dialog.getByText('A whole number from 0 to 1000.')).toBeInTheDocument();
  expect(sent(asked, 'PATCH')).toBeUndefined();
  await userEvent.clear(most);
  await userEvent.selectOptions(dialog.getByLabelText('Substitute'), 'Léa Morel');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PATCH')?.body).toEqual({
    available: true,
    substitute_id: lea.id,
    capacity: null,
  });
});

test('a team whose possible members cannot be fetched does not look like one of nobody', async () => {
  let works = false;
  await open({
    'GET /api/v1/agents': () => (works ? page([lea]) : problem(503, 'unavailable')),
  });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Returns”' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByRole('alert')).toHaveTextContent('busy or restarting');
  works = true;
  await userEvent.click(dialog.getByRole('button', { name: 'Try again' }));
  expect(await dialog.findByLabelText('Léa Morel')).toBeInTheDocument();
});
