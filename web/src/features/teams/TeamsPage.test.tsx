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

/** Finds a colleague by what is typed. */
async function chooses(field: HTMLElement, typed: string, name: string) {
  await userEvent.click(field);
  await userEvent.keyboard(typed);
  await userEvent.click(await screen.findByRole('option', { name }));
}

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

test('a team whose name is taken is refused in the reader’s words, and not in the server’s', async () => {
  const refusal = {
    status: 409,
    code: 'conflict',
    detail: 'The words of the server.',
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
  await chooses(dialog.getByLabelText('Substitute', { selector: 'input' }), 'lea', 'Léa Morel');
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

/** A server that has the team of version 2, which somebody else has left so, for whoever builds on version 1. */
async function overtaken(theirs: Parameters<typeof aTeam>[0]) {
  let now = aTeam({ members: [member] });
  const asked = await open({
    'GET /api/v1/teams': () => page([now]),
    'PATCH /api/v1/teams/4': ({ headers }) => {
      now = aTeam({ members: [member], version: 2, ...theirs });
      return headers.get('if-match') === '"2"' ? { body: now } : problem(412, 'version_mismatch');
    },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Change “Returns”' }));
  await userEvent.type(await screen.findByLabelText('Name'), '!');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  return () => asked.filter(({ method }) => method === 'PATCH');
}

test('whoever was overtaken sees what the other has changed beside their own, and saves both', async () => {
  const patches = await overtaken({ assignment: 'manual', members: [] });
  expect(await screen.findByRole('alert')).toHaveTextContent('beside what you have changed');
  expect(screen.getByLabelText('Name')).toHaveValue('Returns!');
  expect(screen.getByLabelText('How new tickets are given out')).toHaveValue('manual');
  expect(screen.getByRole('checkbox', { name: 'Tom Baker' })).not.toBeChecked();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(patches().map(({ headers }) => headers.get('if-match'))).toEqual(['"1"', '"2"']);
  expect(patches()[1]?.body).toEqual({ name: 'Returns!', assignment: 'manual', members: [] });
});

test('whoever changed the same as another is told so, and may take theirs', async () => {
  const patches = await overtaken({ name: 'Repairs' });
  expect(await screen.findByRole('alert')).toHaveTextContent('partly the same as you');
  expect(screen.getByLabelText('Name')).toHaveValue('Returns!');
  await userEvent.click(screen.getByRole('button', { name: 'Load it anew' }));
  expect(screen.getByLabelText('Name')).toHaveValue('Repairs');
  expect(screen.queryByText(/partly the same as you/)).toBeNull();
  expect(patches()).toHaveLength(1);
});

test('of an availability only what was changed is sent', async () => {
  const asked = await open({ [`PATCH /api/v1/agents/${tom.id}/availability`]: { body: {} } });
  const row = (await screen.findByText(/^Away/)).closest('li') as HTMLElement;
  await userEvent.click(within(row).getByRole('button'));
  const dialog = within(await screen.findByRole('dialog'));
  await chooses(dialog.getByLabelText('Substitute', { selector: 'input' }), 'lea', 'Léa Morel');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PATCH')?.body).toEqual({ substitute_id: lea.id });
});

test('whoever stands on a later page of the colleagues is found, too', async () => {
  const last = { ...lea, id: 160, firstname: 'Zoé', lastname: 'Zimmer' };
  const asked = await open({
    'GET /api/v1/agents': ({ query }) =>
      query.get('cursor') === 'next'
        ? page([last])
        : { body: { data: [lea, tom], page: { next_cursor: 'next', limit: 100 } } },
    [`PATCH /api/v1/agents/${tom.id}/availability`]: { body: {} },
  });
  await userEvent.click(
    await screen.findByRole('button', { name: 'Change the availability of Tom Baker' }),
  );
  const dialog = within(await screen.findByRole('dialog'));
  await chooses(dialog.getByLabelText('Substitute', { selector: 'input' }), 'zoe', 'Zoé Zimmer');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'PATCH')?.body).toEqual({ substitute_id: last.id });
});

test('a substitute who has gone is shown as such, and not as the first of the list', async () => {
  await open({ 'GET /api/v1/agents': page([lea, { ...tom, substitute_id: 99 }]) });
  await userEvent.click(
    await screen.findByRole('button', { name: 'Change the availability of Tom Baker' }),
  );
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByLabelText('Substitute', { selector: 'input' })).toHaveValue(
    'Somebody who has gone (#99)',
  );
});

test.each([
  ['Escape', () => userEvent.keyboard('{Escape}')],
  ['the cross', () => userEvent.click(screen.getByRole('button', { name: 'Close' }))],
  ['the way out', () => userEvent.click(screen.getByRole('button', { name: 'Cancel' }))],
])('what was typed is not lost by %s without a question', async (_, leaves) => {
  await open();
  await userEvent.click(screen.getByRole('button', { name: 'Change “Returns”' }));
  await userEvent.type(await screen.findByLabelText('Name'), '!');
  const unload = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(unload);
  expect(unload.defaultPrevented).toBe(true);
  await leaves();
  const question = { name: 'Close without saving?' };
  await screen.findByRole('dialog', question);
  await userEvent.click(screen.getByRole('button', { name: 'Go on typing' }));
  await waitFor(() => expect(screen.queryByRole('dialog', question)).toBeNull());
  expect(screen.getByLabelText('Name')).toHaveValue('Returns!');
  await leaves();
  await userEvent.click(await screen.findByRole('button', { name: 'Discard what I typed' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a form in which nothing was typed closes at once', async () => {
  await open();
  await userEvent.click(screen.getByRole('button', { name: 'Change “Returns”' }));
  await screen.findByLabelText('Name');
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
