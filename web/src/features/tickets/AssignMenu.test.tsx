import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { give } from '../console/commands';
import { welcome } from '../session/session';
import { AssignMenu } from './AssignMenu';

const ASSIGN = 'POST /api/v1/tickets/7/assign';

beforeEach(() => welcome(loginOf(lea)));

test('the keyboard is in the list as soon as it opens, and Enter takes the ticket', async () => {
  const ticket = aTicket({ status: 'open' });
  const asked = answer({
    'GET /api/v1/agents': page([tom, lea]),
    [ASSIGN]: { body: { ...ticket, status: 'in_progress' } },
  });
  await show(<AssignMenu ticket={ticket} />);
  await screen.findByRole('button');
  act(() => void give('assign'));
  expect(screen.getByRole('textbox', { name: 'Find a colleague' })).toHaveFocus();
  const mine = await screen.findByRole('option', { name: /Assign to me/ });
  await waitFor(() => expect(mine).toHaveAttribute('data-combobox-selected'));
  await userEvent.keyboard('{Enter}');
  expect(asked.filter(({ path }) => ASSIGN.endsWith(path))).toMatchObject([
    { body: { assigned_to: lea.id } },
  ]);
});

test('who has the ticket already does not hand it over by Enter alone', async () => {
  const mine = aTicket({ status: 'in_progress', assigned_to: lea.id, assignee: lea });
  const asked = answer({ 'GET /api/v1/agents': page([tom, lea]), [ASSIGN]: { body: mine } });
  await show(<AssignMenu ticket={mine} />);
  await screen.findByRole('button');
  act(() => void give('assign'));
  await screen.findByRole('option', { name: /Tom/ });
  await userEvent.keyboard('{Enter}');
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ assigned_to: tom.id }),
  );
});

test('colleagues who cannot be fetched are not taken for nobody', async () => {
  let works = false;
  answer({ 'GET /api/v1/agents': () => (works ? page([tom]) : problem(503, 'unavailable')) });
  await show(<AssignMenu ticket={aTicket()} />);
  await screen.findByRole('button');
  act(() => void give('assign'));
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(screen.queryByText('Nobody by that name')).toBeNull();
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('option', { name: /Tom/ })).toBeInTheDocument();
});

async function giveToTheNext(reply: Parameters<typeof answer>[0][string]) {
  const ticket = aTicket();
  const asked = answer({ 'GET /api/v1/agents': page([tom, lea]), [ASSIGN]: reply });
  await show(<AssignMenu ticket={ticket} />);
  await userEvent.click(await screen.findByRole('button'));
  await userEvent.click(await screen.findByRole('option', { name: 'Next in turn' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  const { body, headers } = asked.find(({ method }) => method === 'POST') ?? {};
  expect(body).toEqual({ assigned_to: 'auto' });
  expect(headers?.get('if-match')).toBe('"1"');
}

test('a ticket goes to whoever’s turn it is', () =>
  giveToTheNext({ body: aTicket({ status: 'in_progress', assigned_to: tom.id, assignee: tom }) }));

test('where nobody is free who could take it, that is said', async () => {
  await giveToTheNext(problem(409, 'conflict'));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'TKT-4F2K was given to nobody. Nobody who could take it is free.',
  );
});
