import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { TenantDeletion, TenantSettings } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { DangerZone } from './DangerZone';
import { LeavingPage } from './LeavingPage';

const PATH = '/api/v1/tenant/deletion';
const EXPORTS = '/api/v1/tenant/exports';
const REFRESH = 'POST /api/v1/auth/refresh';
const acme = { slug: 'acme', organisation: 'Acme' } as TenantSettings;
const deletion: TenantDeletion = {
  slug: 'acme',
  organisation: 'Acme',
  asked_by: { kind: 'person', id: 2, name: 'Léa Morel' },
  asked_at: '2026-11-20T08:00:00Z',
  delete_after: '2026-12-20T08:00:00Z',
  is_begun: false,
};

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('nobody deletes an organisation without typing its address', async () => {
  const asked = answer({
    [`POST ${PATH}`]: { status: 201, body: deletion },
    [REFRESH]: { body: loginOf(lea, 'admin') },
  });
  await show(<DangerZone tenant={acme} />, '/settings/organisation');
  await userEvent.click(screen.getByRole('button', { name: 'Delete the organisation…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Delete Acme?' }));
  const submit = () => userEvent.click(dialog.getByRole('button', { name: 'Delete Acme' }));
  await submit();
  expect(dialog.getByText('This is not the address of your organisation.')).toBeInTheDocument();
  await userEvent.type(dialog.getByLabelText('Type acme to go on'), 'Acme');
  await submit();
  expect(asked).toHaveLength(0);
  await userEvent.clear(dialog.getByLabelText('Type acme to go on'));
  await userEvent.type(dialog.getByLabelText('Type acme to go on'), 'acme');
  await submit();
  await expect
    .poll(() => asked.map(({ method, body }) => [method, body]))
    .toEqual([
      ['POST', { slug: 'acme' }],
      ['POST', {}],
    ]);
});

test('a refusal is said in the dialog', async () => {
  answer({ [`POST ${PATH}`]: problem(503, 'unavailable') });
  await show(<DangerZone tenant={acme} />, '/settings/organisation');
  await userEvent.click(screen.getByRole('button', { name: 'Delete the organisation…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Type acme to go on'), 'acme');
  await userEvent.click(dialog.getByRole('button', { name: 'Delete Acme' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('busy or restarting');
});

test('in the days of grace the deletion is shown, and taken back', async () => {
  const asked = answer({
    [`GET ${PATH}`]: { body: deletion },
    [`GET ${EXPORTS}`]: page([]),
    [`DELETE ${PATH}`]: { status: 204 },
    [REFRESH]: { body: loginOf(lea, 'admin') },
  });
  await show(<LeavingPage />);
  expect(await screen.findByRole('heading', { name: 'Acme will be deleted' })).toBeInTheDocument();
  expect(await screen.findByText(/Léa Morel asked for it on .*2026/)).toBeInTheDocument();
  expect(screen.getByText(/On .*Dec.*2026.* deleted for good/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Keep Acme' }));
  await expect
    .poll(() => asked.map(({ method }) => method))
    .toEqual(['GET', 'GET', 'DELETE', 'POST']);
});

test('in the days of grace everything can still be taken out', async () => {
  const asked = answer({
    [`GET ${PATH}`]: { body: deletion },
    [`GET ${EXPORTS}`]: page([]),
    [`POST ${EXPORTS}`]: problem(409, 'export_under_way'),
  });
  await show(<LeavingPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Ask for an export' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('An export is being made already.');
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test.each([
  [{ kind: 'operator', id: null, name: null }, /The people who run Helpdeskly began it/],
  [{ kind: 'system', id: null, name: null }, /The people who run Helpdeskly began it/],
  [{ kind: 'person', id: 9, name: null }, /An administrator who is gone asked for it/],
])('whoever asked is said as far as it is known', async (asked_by, words) => {
  answer({ [`GET ${PATH}`]: { body: { ...deletion, asked_by } }, [`GET ${EXPORTS}`]: page([]) });
  await show(<LeavingPage />);
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('a deletion that could not be asked for anew stays, and it is said that it is older', async () => {
  let up = true;
  answer({
    [`GET ${PATH}`]: () => (up ? { body: deletion } : problem(503, 'unavailable')),
    [`GET ${EXPORTS}`]: page([]),
  });
  const queries = await show(<LeavingPage />);
  await screen.findByRole('button', { name: 'Keep Acme' });
  up = false;
  await queries.invalidateQueries({ queryKey: ['tenant', 'deletion'] });
  expect(await screen.findByRole('alert')).toHaveTextContent('what you see is older');
  expect(screen.getByRole('button', { name: 'Keep Acme' })).toBeInTheDocument();
});

test('the way out stands above what grows', async () => {
  answer({ [`GET ${PATH}`]: { body: deletion }, [`GET ${EXPORTS}`]: page([]) });
  await show(<LeavingPage />);
  const list = await screen.findByRole('region', { name: 'Exports' });
  const leave = screen.getByRole('button', { name: 'Sign out' });
  const { DOCUMENT_POSITION_FOLLOWING: below } = Node;
  expect(leave.compareDocumentPosition(list) & below).toBe(below);
});

test('once it has begun there is nothing to take back', async () => {
  answer({ [`GET ${PATH}`]: { body: { ...deletion, is_begun: true } } });
  await show(<LeavingPage />);
  expect(await screen.findByText(/cannot be taken back any more/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Keep Acme' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Ask for an export' })).toBeNull();
});
