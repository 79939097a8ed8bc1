import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aJob, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { JobsPage } from './JobsPage';
import { nextLook } from './queries';
import { stateOf } from './state';

const LIST = 'GET /api/v1/operator/jobs';
const NOW = Date.parse('2026-11-20T08:00:00Z');
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test.each([
  [{ status: 'running' }, 'running', 2000],
  [{ status: 'running', attempts: 3 }, 'running', 2000],
  [{ status: 'waiting', next_at: at(30) }, 'waiting', 2000],
  [{ status: 'waiting', next_at: at(3600) }, 'planned', 15_000],
  [{ status: 'waiting', attempts: 2, next_at: at(3600) }, 'retrying', 2000],
  [{ status: 'done' }, 'done', 15_000],
  [{ status: 'failed', attempts: 12 }, 'failed', 15_000],
])('a job with %j is %s and looked at again after %d ms', (change, state, pause) => {
  const job = aJob(change);
  expect(stateOf(job, NOW)).toBe(state);
  expect(nextLook([aJob({ status: 'done' }), job], NOW)).toBe(pause);
});

test('of many pages not all are asked for anew every other second', () => {
  const running = [aJob({ status: 'running' })];
  expect([1, 2, 3].map((pages) => nextLook(running, NOW, pages))).toEqual([2000, 2000, 15_000]);
});

test('while something runs, the page keeps itself up to date', async () => {
  let done = 10;
  answer({
    [LIST]: () => page([aJob({ kind: 'copying', status: 'running', done, total: 40 })]),
  });
  await show(<JobsPage />, '/jobs');
  const bar = await screen.findByRole('progressbar', { name: 'copying' });
  expect(bar).toHaveAttribute('aria-valuenow', '25');
  done = 20;
  await waitFor(() => expect(bar).toHaveAttribute('aria-valuenow', '50'));
  expect(screen.getByText('20 of 40')).toBeInTheDocument();
});

test('what is copied is told in sizes', async () => {
  const job = aJob({ status: 'running', unit: 'bytes', done: 52_000_000, total: 524_000_000 });
  answer({ [LIST]: page([job]) });
  await show(<JobsPage />, '/jobs');
  expect(await screen.findByText('50 MB of 500 MB')).toBeInTheDocument();
});

test('a failure says why, and when it is tried again', async () => {
  const job = aJob({ attempts: 2, last_error: 'connection refused', next_at: at(86_400) });
  answer({ [LIST]: page([job]) });
  await show(<JobsPage />, '/jobs');
  const row = await screen.findByRole('row', { name: /Drop an old database/ });
  expect(within(row).getByText('failed 2×, tried again')).toBeInTheDocument();
  expect(within(row).getByText('connection refused')).toBeInTheDocument();
  expect(within(row).getByText(/Next try: Nov 21, 2026/)).toBeInTheDocument();
});

test('rows that could not be refreshed stay, and it is said that they are older', async () => {
  let up = true;
  answer({
    [LIST]: () => (up ? page([aJob({ status: 'running' })]) : problem(502, 'unavailable')),
  });
  await show(<JobsPage />, '/jobs');
  await screen.findByRole('row', { name: /Drop an old database/ });
  up = false;
  expect(await screen.findByText(/what you see is older/)).toBeInTheDocument();
  expect(screen.getByRole('row', { name: /Drop an old database/ })).toBeInTheDocument();
});

test('filters stand in the address and are asked of the server', async () => {
  const asked = answer({ [LIST]: page([]) });
  await show(<JobsPage />, '/jobs');
  await screen.findByText('Nothing to do');
  await userEvent.type(screen.getByLabelText('Tenant'), ' acme{Enter}');
  expect(await screen.findByText('No job fits these filters.')).toBeInTheDocument();
  expect(asked.at(-1)?.query.get('tenant')).toBe('acme');
  await userEvent.selectOptions(screen.getByLabelText('What'), 'Drop an old database');
  await waitFor(() => expect(asked.at(-1)?.query.get('kind')).toBe('retire'));
  await userEvent.selectOptions(screen.getByLabelText('State'), 'failed');
  await waitFor(() => expect(asked.at(-1)?.query.get('status')).toBe('failed'));
  expect(asked.at(-1)?.query.get('kind')).toBe('retire');
  await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
  expect(await screen.findByText('Nothing to do')).toBeInTheDocument();
  expect(screen.getByLabelText('Tenant')).toHaveValue('');
});

test('a state in the address that the server does not have is not asked for', async () => {
  const asked = answer({ [LIST]: page([]) });
  await show(<JobsPage />, '/jobs?status=asleep');
  expect(await screen.findByText('No job fits these filters.')).toBeInTheDocument();
  expect(screen.getByLabelText('State')).toHaveValue('');
  expect(asked.at(-1)?.query.has('status')).toBe(false);
});
