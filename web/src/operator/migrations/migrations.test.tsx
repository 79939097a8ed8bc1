import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { MigrationTarget } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aRun, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { MigrationPage } from './MigrationPage';
import { MigrationsPage } from './MigrationsPage';
import { bodyOf, FIRST, faultsOf, turnsOf } from './rules';

const LIST = 'GET /api/v1/operator/migrations';
const START = 'POST /api/v1/operator/migrations';
const ONE = 'GET /api/v1/operator/migrations/0192-run';
const TARGETS = 'GET /api/v1/operator/migrations/0192-run/tenants';
const RETRY = 'POST /api/v1/operator/migrations/0192-run/retry';

const broken: MigrationTarget = {
  tenant_id: '0190-acme',
  tenant: 'acme',
  wave: 0,
  state: 'failed',
  attempts: 6,
  from_version: 3,
  to_version: 3,
  rows_before: 10,
  rows_after: 10,
  last_error: 'lock timeout',
  started_at: '2026-11-20T08:00:00Z',
  finished_at: '2026-11-20T08:01:00Z',
};

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test.each([
  ['running', 3, true, ['pause']],
  ['running', 0, false, ['pause']],
  ['paused', 0, true, ['resume']],
  ['stopped', 3, true, ['resume', 'retry']],
  ['stopped', 3, false, []],
  ['done', 0, true, []],
  ['done', 1, true, ['retry']],
] as const)(
  'a run that is %s with %d failures, newest: %s, may %j',
  (state, failed, newest, turns) => {
    expect(turnsOf(aRun({ state, failed }), newest)).toEqual(turns);
  },
);

test('what is typed is in its range or refused, and is sent as numbers', () => {
  expect(faultsOf(FIRST)).toEqual({});
  for (const parallel of ['0', '65', '1.5', '', 'x']) {
    expect(faultsOf({ ...FIRST, parallel })).toEqual({ parallel: true });
  }
  for (const max_failures of ['-1', '101', '', 'x']) {
    expect(faultsOf({ ...FIRST, max_failures })).toEqual({ max_failures: true });
  }
  expect(
    bodyOf({ canaries: 'acme, globex\n initech', parallel: '8', max_failures: '0,5' }),
  ).toEqual({ canaries: ['acme', 'globex', 'initech'], parallel: 8, max_failures: 0.5 });
});

test('a run is begun with canaries; one that is nobody’s is said at its field', async () => {
  const asked = answer({
    [LIST]: page([]),
    [START]: {
      status: 422,
      body: {
        code: 'validation_failed',
        errors: [{ field: 'canaries', code: 'unknown_value', message: 'acmee is no tenant.' }],
      },
    },
  });
  await show(<MigrationsPage />, '/migrations');
  await screen.findByText('No runs yet');
  await userEvent.click(screen.getByRole('button', { name: 'Start a run' }));
  await userEvent.type(await screen.findByLabelText('Canaries'), 'acmee');
  await userEvent.click(screen.getByRole('button', { name: 'Start the run' }));
  expect(await screen.findByText(/One of these is no tenant/)).toBeInTheDocument();
  expect(screen.getByLabelText('Canaries')).toBeInvalid();
  expect(screen.queryByText('acmee is no tenant.')).toBeNull();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    tenant: null,
    canaries: ['acmee'],
    parallel: 4,
    max_failures: 1,
    replaces_held: false,
  });
});

test('what is refused of a field that the form does not have is said above it', async () => {
  const errors = [{ field: 'tenant', code: 'unknown_value', message: 'No.' }];
  answer({
    [LIST]: page([]),
    [START]: { status: 422, body: { code: 'validation_failed', errors } },
  });
  await show(<MigrationsPage />, '/migrations');
  await userEvent.click(await screen.findByRole('button', { name: 'Start a run' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Start the run' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('not valid');
});

test('a second run at the same time is refused in words', async () => {
  answer({ [LIST]: page([aRun()]), [START]: problem(409, 'migration_under_way') });
  await show(<MigrationsPage />, '/migrations');
  expect(await screen.findByText('26 of 100')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Start a run' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Start the run' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('A run is going on already.');
});

test('a run that is held ends for another one only when somebody has read that it does', async () => {
  let now = aRun({ state: 'paused' });
  const asked = answer({
    [LIST]: () => page([now]),
    [START]: (call) => {
      if (!(call.body as { replaces_held: boolean }).replaces_held)
        return problem(409, 'migration_held');
      now = aRun({ id: '0193-run' });
      return { status: 202, body: now };
    },
  });
  await show(<MigrationsPage />, '/migrations');
  await userEvent.click(await screen.findByRole('button', { name: 'Start a run' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Start the run' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('the paused one ends');
  await userEvent.click(screen.getByRole('button', { name: 'Replace the paused run' }));
  const sent = () => asked.filter(({ method }) => method === 'POST').map(({ body }) => body);
  await waitFor(() =>
    expect(sent()).toEqual([
      expect.objectContaining({ replaces_held: false }),
      expect.objectContaining({ replaces_held: true }),
    ]),
  );
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});

test('a run that has stopped says why and which database failed, and tries it again when told to', async () => {
  let now = aRun({ state: 'stopped', reason: 'a canary failed' });
  answer({
    [LIST]: () => page([now]),
    [ONE]: () => ({ body: now }),
    [TARGETS]: page([broken], 1),
    [RETRY]: () => {
      now = aRun({ failed: 0, pending: 71 });
      return { body: now };
    },
  });
  await show(<MigrationPage />, '/migrations/0192-run');
  expect(await screen.findByText('a canary failed')).toBeInTheDocument();
  expect(await screen.findByText('lock timeout')).toBeInTheDocument();
  const again = 'Try the failed ones again (1)';
  await userEvent.click(await screen.findByRole('button', { name: again }));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(
    (await screen.findAllByRole('button', { name: again })).find((one) =>
      dialog.contains(one),
    ) as HTMLElement,
  );
  expect(await screen.findByText('The failed ones are tried again.')).toHaveFocus();
  expect(screen.getByText('going on')).toBeInTheDocument();
});

test('a run that does not exist says so', async () => {
  answer({ [ONE]: problem(404, 'migration_not_found'), [LIST]: page([]) });
  await show(<MigrationPage />, '/migrations/0192-run');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
});
