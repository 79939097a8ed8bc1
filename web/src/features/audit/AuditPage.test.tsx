import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '~/api/types';
import { type Asked, answer, page, problem } from '~/testing/api';
import { lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { AuditPage } from './AuditPage';

const LOG = 'GET /api/v1/audit-logs';
const MEMBERS = 'GET /api/v1/members';

function entry(actor: AuditEntry['actor'], change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: `control-${actor.kind}`,
    at: '2026-11-20T08:00:00Z',
    plane: 'control',
    actor,
    action: 'UserInvited',
    resource: 'invitation:1',
    changes: {},
    outcome: 'success',
    ...change,
  };
}

async function open(entries: AuditEntry[], members: Parameters<typeof answer>[0][string]) {
  const asked = answer({ [LOG]: page(entries), [MEMBERS]: members });
  await show(<AuditPage />, '/settings/audit');
  return asked;
}

const logsAsked = (asked: Asked[]) => asked.filter(({ path }) => path === '/api/v1/audit-logs');

beforeEach(() => welcome(loginOf(lea, 'admin')));

test.each([
  [{ kind: 'person', id: 7, role: 'agent', name: 'Léa Morel' }, 'Léa Morel'],
  [{ kind: 'person', id: 7, role: 'agent' }, 'Person 7'],
  [{ kind: 'person', id: 7, role: 'agent', name: 'Léa Morel', key: '3' }, 'Léa Morel by key 3'],
  [{ kind: 'operator', id: 7 }, 'Helpdeskly support (7)'],
  [{ kind: 'anonymous' }, 'Not signed in'],
  [{ kind: 'system', name: 'provisioning' }, 'Helpdeskly (provisioning)'],
  [{ kind: 'robot', id: 7 }, 'Unknown'],
])('who acted as %j is called %s', async (actor, called) => {
  await open([entry(actor)], page([lea]));
  const row = await screen.findByRole('button', { name: /UserInvited/ });
  expect(within(row).getByText(called)).toBeInTheDocument();
});

test('the filter knows the whole team, not its first page', async () => {
  const asked = await open([], ({ query }) =>
    query.get('cursor')
      ? page([tom])
      : { body: { data: [lea], page: { next_cursor: 'c2', limit: 100 } } },
  );
  const who = screen.getByLabelText('Who');
  await within(who).findByRole('option', { name: 'Tom Baker' });
  await userEvent.selectOptions(who, 'Tom Baker');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  await waitFor(() => expect(logsAsked(asked).at(-1)?.query.get('user')).toBe(String(tom.id)));
});

test('whoever is not of the team is looked for by their number', async () => {
  const asked = await open([], page([lea]));
  await screen.findByRole('option', { name: 'Léa Morel' });
  await userEvent.selectOptions(screen.getByLabelText('Who'), 'Somebody else…');
  const number = await screen.findByLabelText('Their number');
  await userEvent.type(number, 'Chloé');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  expect(await screen.findByText('A number, such as 42.')).toBeInTheDocument();
  expect(logsAsked(asked)).toHaveLength(1);
  await userEvent.clear(number);
  await userEvent.type(number, '10');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  await waitFor(() => expect(logsAsked(asked).at(-1)?.query.get('user')).toBe('10'));
  expect(screen.getByLabelText('Their number')).toHaveValue('10');
});

test('from what a customer did, one press leads to all that they did', async () => {
  const asked = await open(
    [entry({ kind: 'person', id: 10, role: 'customer', name: 'Chloé Petit' })],
    page([lea]),
  );
  await userEvent.click(await screen.findByRole('button', { name: /UserInvited/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Only what they did' }));
  await waitFor(() => expect(logsAsked(asked).at(-1)?.query.get('user')).toBe('10'));
  expect(screen.getByLabelText('Who')).toHaveFocus();
  expect(screen.getByLabelText('Their number')).toHaveValue('10');
});

test('without the team, numbers still work, and the page says what is missing', async () => {
  await open([], problem(503, 'unavailable'));
  expect(await screen.findByText('The team could not be loaded.')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Who'), 'Somebody else…');
  expect(screen.getByLabelText('Their number')).toBeInTheDocument();
});
