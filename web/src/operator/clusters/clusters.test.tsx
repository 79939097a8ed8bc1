import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aCluster, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { ClustersPage } from './ClustersPage';
import { limitOf, shareOf, stateOf, toneOf } from './figures';

const LIST = 'GET /api/v1/operator/clusters';
const CHANGE = 'PATCH /api/v1/operator/clusters/main';
const NOW = Date.parse('2026-11-20T08:05:00Z');

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test.each([
  [{}, 'open'],
  [{ accepting: false }, 'closed'],
  [{ max_tenants: 12 }, 'full'],
  [{ max_tenants: 0, tenants: 0 }, 'full'],
  [{ max_bytes: 2_500_000 }, 'full'],
  [{ max_tenants: 13 }, 'open'],
  [{ trouble: 'connection refused', accepting: false }, 'trouble'],
  [{ answered_at: '2026-11-20T07:54:00Z' }, 'trouble'],
  [{ answered_at: null }, 'open'],
])('a server with %j is %s', (change, state) => {
  expect(stateOf(aCluster(change), NOW)).toBe(state);
});

test.each([
  [12, null, undefined],
  [null, 12, undefined],
  [84, 100, 'ink'],
  [85, 100, 'yellow'],
  [100, 100, 'red'],
  [0, 0, 'red'],
])('%s of %s is %s', (used, most, tone) => {
  const share = shareOf(used, most);
  expect(share === undefined ? undefined : toneOf(share)).toBe(tone);
});

test.each([
  ['', null],
  [' 12 ', 12],
  ['0', 0],
  ['100000', 100_000],
  ['100001', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['many', undefined],
])('"%s" as a limit is %s', (typed, limit) => {
  expect(limitOf(typed)).toBe(limit);
});

test('a list that does not come says why', async () => {
  answer({ [LIST]: problem(500, 'internal') });
  await show(<ClustersPage />, '/clusters');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
});

test('a server that does not answer is seen, with the reason', async () => {
  answer({ [LIST]: page([aCluster({ trouble: 'connection refused' })]) });
  await show(<ClustersPage />, '/clusters');
  const row = await screen.findByRole('row', { name: /^main/ });
  expect(within(row).getByText('does not answer')).toBeInTheDocument();
  expect(within(row).getByText('connection refused')).toBeInTheDocument();
  expect(within(row).getByText('2.4 MB')).toBeInTheDocument();
});

test('closing a server asks first, and a refusal leaves it open', async () => {
  const asked = answer({ [LIST]: page([aCluster()]), [CHANGE]: problem(503, 'unavailable') });
  await show(<ClustersPage />, '/clusters');
  await userEvent.click(
    await screen.findByRole('switch', { name: 'New tenants may come to main' }),
  );
  expect(asked.some(({ method }) => method === 'PATCH')).toBe(false);
  await userEvent.click(await screen.findByRole('button', { name: 'Close main' }));
  expect(await screen.findByText('main was not changed.')).toBeInTheDocument();
  expect(screen.getByRole('switch')).toBeChecked();
});

test('a limit is set, and taken away by leaving nothing', async () => {
  let now = aCluster();
  const asked = answer({
    [LIST]: () => page([now]),
    [CHANGE]: ({ body }) => {
      now = { ...now, ...(body as object) };
      return { body: now };
    },
  });
  await show(<ClustersPage />, '/clusters');
  const limit = await screen.findByRole('button', { name: 'Limit the tenants of main' });
  await userEvent.click(limit);
  await userEvent.type(await screen.findByLabelText('Tenants at most'), 'many{Enter}');
  expect(await screen.findByText(/A whole number from 0/)).toBeInTheDocument();
  await userEvent.clear(screen.getByLabelText('Tenants at most'));
  await userEvent.type(screen.getByLabelText('Tenants at most'), '50{Enter}');
  expect(await screen.findByText('main holds 50 tenants at most.')).toHaveFocus();
  expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ max_tenants: 50 });
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  await userEvent.click(limit);
  await userEvent.clear(await screen.findByLabelText('Tenants at most'));
  await userEvent.click(screen.getByRole('button', { name: 'Set the limit' }));
  expect(await screen.findByText('main holds as many tenants as come.')).toBeInTheDocument();
});
