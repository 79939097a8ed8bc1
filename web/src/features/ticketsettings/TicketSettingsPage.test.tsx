import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TicketSettingsPage } from './TicketSettingsPage';

const CHANGE = 'PATCH /api/v1/ticket-settings';

async function open(reply: Parameters<typeof answer>[0][string]) {
  const asked = answer({
    'GET /api/v1/ticket-settings': { body: { agents_see: 'own' } },
    [CHANGE]: reply,
  });
  await show(<TicketSettingsPage />, '/settings/tickets');
  await screen.findByRole('radio', { name: 'Unassigned tickets and their own' });
  return asked;
}
const every = () => screen.getByRole('radio', { name: 'Every ticket' });

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('how far agents see is shown when it is so', async () => {
  const asked = await open({ body: { agents_see: 'all' } });
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
