import { screen, waitFor } from '@testing-library/react';
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

test('how far agents see is shown when it is so', async () => {
  const asked = await open({ body: { ...SETTINGS, agents_see: 'all' } });
  await userEvent.click(every());
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(every()).toBeChecked();
  expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ agents_see: 'all' });
});

test('a refusal leaves what was, and says why', async () => {
  await open(problem(403, 'forbidden'));
  await userEvent.click(every());
  expect(await screen.findByRole('alert')).toHaveTextContent('not allowed');
  await waitFor(() => expect(every()).not.toBeChecked());
});

test('another clock counts once it is saved', async () => {
  const asked = await open({ body: { ...SETTINGS, time_zone: 'Asia/Tokyo' } });
  const save = () => screen.getByRole('button', { name: 'Save' });
  expect(save()).toBeDisabled();
  await userEvent.selectOptions(screen.getByRole('combobox'), 'Asia/Tokyo');
  await userEvent.click(save());
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(save()).toBeDisabled();
  expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ time_zone: 'Asia/Tokyo' });
});
