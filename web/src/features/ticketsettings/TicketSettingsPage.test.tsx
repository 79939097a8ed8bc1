import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TicketSettingsPage } from './TicketSettingsPage';

const CHANGE = 'PATCH /api/v1/ticket-settings';
const SETTINGS = { agents_see: 'own', time_zone: 'Europe/Paris' };

async function open(reply: Parameters<typeof answer>[0][string]) {
  const asked = answer({
    'GET /api/v1/ticket-settings': { body: SETTINGS },
    [CHANGE]: reply,
  });
  await show(<TicketSettingsPage />, '/settings/tickets');
  await screen.findByRole('radio', { name: 'Unassigned tickets and their own' });
  return asked;
}
const every = () => screen.getByRole('radio', { name: 'Every ticket' });

beforeEach(() => welcome(loginOf(lea, 'admin')));

const save = (section: string) =>
  within(screen.getByRole('region', { name: section })).getByRole('button', { name: 'Save' });
const sent = (asked: Awaited<ReturnType<typeof open>>) =>
  asked.find(({ method }) => method === 'PATCH')?.body;

test('how far agents see is chosen, by the arrows too, and acts when it is saved', async () => {
  const asked = await open({ body: { ...SETTINGS, agents_see: 'all' } });
  screen.getByRole('radio', { name: 'Unassigned tickets and their own' }).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  expect(every()).toBeChecked();
  expect(every()).toHaveFocus();
  expect(sent(asked)).toBeUndefined();
  await userEvent.click(save('Agents see'));
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(sent(asked)).toEqual({ agents_see: 'all' });
  expect(save('Agents see')).toBeDisabled();
});

test('a refusal says why, and keeps what was chosen to be saved again', async () => {
  await open(problem(403, 'forbidden'));
  await userEvent.click(every());
  await userEvent.click(save('Agents see'));
  expect(await screen.findByRole('alert')).toHaveTextContent('not allowed');
  expect(every()).toBeChecked();
  await waitFor(() => expect(save('Agents see')).toBeEnabled());
});

test('another clock counts once it is saved', async () => {
  const asked = await open({ body: { ...SETTINGS, time_zone: 'Asia/Tokyo' } });
  expect(save('Days in reports')).toBeDisabled();
  await userEvent.selectOptions(screen.getByRole('combobox'), 'Asia/Tokyo');
  await userEvent.click(save('Days in reports'));
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(save('Days in reports')).toBeDisabled();
  expect(sent(asked)).toEqual({ time_zone: 'Asia/Tokyo' });
});
