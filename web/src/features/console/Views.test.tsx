import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { aView } from '~/testing/desk';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { Views } from './Views';

const counts = [
  { view: 'mine', count: 2, capped: false },
  { view: 'all', count: 99, capped: true },
  { view: '5', count: 1, capped: false },
];

async function column(at = '/', role = 'agent', table: Parameters<typeof answer>[0] = {}) {
  welcome(loginOf(lea, role));
  const asked = answer({
    'GET /api/v1/views': { body: { built_in: [], data: [aView()] } },
    'GET /api/v1/views/counts': { body: { data: counts } },
    'POST /api/v1/views': { status: 201, body: aView({ id: 6 }) },
    ...table,
  });
  await show(<Views />, at);
  await screen.findByText('Important');
  return asked;
}

test('each view stands with its number, and one that is too high to count says so', async () => {
  await column('/?view=5');
  expect(await screen.findByRole('link', { name: /^Mine.*2 tickets/ })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: /^All.*more than 99 tickets/ })).toHaveTextContent('99+');
  expect(screen.getByRole('link', { name: /^Important.*1 ticket$/ })).toHaveAttribute(
    'aria-current',
    'true',
  );
});

test('a view that cannot be counted stands without a number', async () => {
  const uncounted = counts.map((one) => (one.view === '5' ? { ...one, count: null } : one));
  await column('/', 'agent', { 'GET /api/v1/views/counts': { body: { data: uncounted } } });
  await screen.findByRole('link', { name: /^Mine.*2 tickets/ });
  expect(screen.getByRole('link', { name: 'Important' })).toBeInTheDocument();
});

test('what the list shows is saved under a name, once', async () => {
  const asked = await column('/?view=mine&priority=urgent');
  await userEvent.click(screen.getByRole('button', { name: 'Save as a view' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Save the view' }));
  expect(dialog.getByText('Please fill this in.')).toBeInTheDocument();
  expect(dialog.queryByLabelText('For everybody of the staff')).toBeNull();
  await userEvent.type(dialog.getByLabelText('Name'), 'Burning{Enter}');
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  const sent = asked.find(({ method }) => method === 'POST');
  expect(sent?.body).toEqual({
    name: 'Burning',
    scope: 'own',
    filter: {
      assigned_to: 'me',
      status: 'open,in_progress,waiting_customer',
      snoozed: false,
      priority: 'urgent',
    },
  });
  expect(sent?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

test('managers save for everybody, and a refusal is said at the field', async () => {
  const asked = await column('/?view=all', 'manager', {
    'POST /api/v1/views': problem(409, 'conflict'),
  });
  await userEvent.click(screen.getByRole('button', { name: 'Save as a view' }));
  await userEvent.click(await screen.findByLabelText('For everybody of the staff'));
  await userEvent.type(screen.getByLabelText('Name'), 'Everything{Enter}');
  expect(await screen.findByText(/as many views as there may be/)).toBeInTheDocument();
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({ scope: 'everybody' });
});

test('a view that is not known cannot be saved, and says so', async () => {
  await column('/?view=77');
  const button = screen.getByRole('button', { name: 'Save as a view' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(button);
  expect(screen.queryByRole('dialog')).toBeNull();
});
