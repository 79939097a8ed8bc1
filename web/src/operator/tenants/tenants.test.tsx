import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aCluster, aJob, aRun, aTenant, aUsage, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { oneTenant } from './queries';
import { STATUSES, turnsFrom } from './status';
import { TenantPage } from './TenantPage';
import { TenantsPage } from './TenantsPage';

const LIST = 'GET /api/v1/operator/tenants';
const ONE = 'GET /api/v1/operator/tenants/acme';
const JOBS = 'GET /api/v1/operator/jobs';
const CLUSTERS = 'GET /api/v1/operator/clusters';
const BACKUPS = 'GET /api/v1/operator/backups';
const DRILLS = 'GET /api/v1/operator/drills';
const SUSPEND = 'POST /api/v1/operator/tenants/acme/suspend';
const RETRY = 'POST /api/v1/operator/tenants/acme/retry';
const USAGE = 'GET /api/v1/operator/tenants/acme/usage';
const CREDITS = 'GET /api/v1/operator/tenants/acme/credits';
const around = {
  [CLUSTERS]: page([]),
  [BACKUPS]: page([]),
  [DRILLS]: page([]),
  [USAGE]: { body: aUsage() },
  [CREDITS]: page([]),
};
const suspended = aTenant({ status: 'suspended' });

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test('a list that does not come says why, and is asked for again', async () => {
  let up = false;
  answer({ [LIST]: () => (up ? page([aTenant()], 1) : problem(503, 'unavailable')) });
  await show(<TenantsPage />, '/tenants');
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  up = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: 'Acme' })).toHaveAttribute(
    'href',
    '/tenants/acme',
  );
});

test('without tenants the page says when there will be some', async () => {
  answer({ [LIST]: page([], 0) });
  await show(<TenantsPage />, '/tenants');
  expect(await screen.findByText('No tenants yet')).toBeInTheDocument();
});

test('a tenant whose name left with its data is called by its address', async () => {
  answer({ [LIST]: page([aTenant({ organisation: '', status: 'deleted' })], 1) });
  await show(<TenantsPage />, '/tenants');
  expect(await screen.findByRole('link', { name: 'acme' })).toBeInTheDocument();
});

test('what went wrong with a tenant stands under its status', async () => {
  const trouble = 'create database: no space left on device';
  answer({ [LIST]: page([aTenant({ status: 'provisioning', trouble })], 1) });
  await show(<TenantsPage />, '/tenants');
  const row = await screen.findByRole('row', { name: /being set up/ });
  expect(within(row).getByTitle(trouble)).toHaveTextContent(trouble);
});

test('the list goes on page by page, and says how many there are', async () => {
  const globex = aTenant({ id: '0190-globex', slug: 'globex', organisation: 'Globex' });
  answer({
    [LIST]: ({ query }) =>
      query.get('cursor') === 'c2'
        ? page([globex], 2)
        : { body: { data: [aTenant()], page: { next_cursor: 'c2', limit: 50, total: 2 } } },
  });
  await show(<TenantsPage />, '/tenants');
  expect(await screen.findByText('1 of 2')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  expect(await screen.findByRole('link', { name: 'Globex' })).toBeInTheDocument();
  expect(screen.getByText('2 of 2')).toBeInTheDocument();
});

test('an address that is nobody’s is no failure', async () => {
  answer({ [ONE]: problem(404, 'tenant_not_found') });
  await show(<TenantPage />, '/tenants/acme');
  expect(await screen.findByText('There is no tenant acme')).toBeInTheDocument();
});

test('a suspension asks first, then the page shows what the server says', async () => {
  let now = aTenant();
  const asked = answer({
    [ONE]: () => ({ body: now }),
    ...around,
    [JOBS]: page([aJob({ tenant: 'acme' })]),
    [SUSPEND]: () => {
      now = suspended;
      return { body: now };
    },
  });
  await show(<TenantPage />, '/tenants/acme');
  await userEvent.click(await screen.findByRole('button', { name: 'Suspend' }));
  const dialog = await screen.findByRole('dialog', { name: 'Suspend Acme?' });
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Suspend acme' }));
  expect(await screen.findByText('Acme is suspended.')).toHaveFocus();
  expect(screen.getByText('suspended')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Resume' })).toBeInTheDocument();
  expect(screen.getByText('Drop an old database')).toBeInTheDocument();
});

test('what somebody else was quicker with is refused, and the page catches up', async () => {
  let now = aTenant();
  answer({
    [ONE]: () => ({ body: now }),
    ...around,
    [JOBS]: page([]),
    [SUSPEND]: () => {
      now = suspended;
      return problem(409, 'conflict');
    },
  });
  await show(<TenantPage />, '/tenants/acme');
  await userEvent.click(await screen.findByRole('button', { name: 'Suspend' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Suspend acme' }));
  expect(await screen.findByText('Acme was not suspended.')).toBeInTheDocument();
  expect(await screen.findByRole('button', { name: 'Resume' })).toBeInTheDocument();
});

test('only what the server would do is offered', () => {
  expect(STATUSES.map((status) => [status, turnsFrom(status)])).toEqual([
    ['provisioning', []],
    ['active', ['suspend', 'delete']],
    ['suspended', ['resume', 'delete']],
    ['deleting', ['take_back']],
    ['deleted', []],
    ['failed', ['retry', 'delete']],
  ]);
});

test('one whose setting up has failed says why, and is set up once more', async () => {
  let now = aTenant({ status: 'failed', trouble: 'no space left on device' });
  let up = false;
  answer({
    ...around,
    [ONE]: () => ({ body: now }),
    [JOBS]: page([]),
    [RETRY]: () => {
      if (!up) return problem(409, 'conflict');
      now = aTenant({ status: 'provisioning' });
      return { status: 202, body: now };
    },
  });
  await show(<TenantPage />, '/tenants/acme');
  expect(await screen.findByText('no space left on device')).toBeInTheDocument();
  const retry = async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Set acme up' }));
  };
  await retry();
  expect(await screen.findByText('Acme is not being set up once more.')).toBeInTheDocument();
  up = true;
  await retry();
  expect(await screen.findByText('Acme is being set up once more.')).toHaveFocus();
  expect(screen.getByText('being set up')).toBeInTheDocument();
  expect(screen.queryByText('no space left on device')).toBeNull();
});

test('a tenant that could not be asked for anew stays, and it is said that it is older', async () => {
  let up = true;
  answer({
    ...around,
    [ONE]: () => (up ? { body: aTenant() } : problem(503, 'unavailable')),
    [JOBS]: page([]),
  });
  const queries = await show(<TenantPage />, '/tenants/acme');
  await screen.findByRole('heading', { name: 'Acme' });
  up = false;
  await queries.invalidateQueries({ queryKey: oneTenant('acme').queryKey });
  expect(await screen.findByText(/what you see is older/)).toBeInTheDocument();
  expect(screen.getByRole('heading', { name: 'Acme' })).toBeInTheDocument();
});

test('what is typed and chosen stands in the address and is asked of the server', async () => {
  const asked = answer({
    [LIST]: page([], 0),
    [CLUSTERS]: page([aCluster({ name: 'north' })]),
  });
  await show(<TenantsPage />, '/tenants');
  await screen.findByText('No tenants yet');
  await userEvent.type(screen.getByLabelText('Begins with'), 'ac');
  expect(await screen.findByText('No tenant fits these filters.')).toBeInTheDocument();
  const lists = () => asked.filter(({ path }) => path === '/api/v1/operator/tenants');
  expect(lists().map(({ query }) => query.get('q'))).toEqual([null, 'ac']);
  await userEvent.selectOptions(screen.getByLabelText('Status'), 'suspended');
  await waitFor(() => expect(lists().at(-1)?.query.get('status')).toBe('suspended'));
  await userEvent.selectOptions(screen.getByLabelText('Cluster'), 'north');
  await waitFor(() => expect(lists().at(-1)?.query.get('cluster')).toBe('north'));
  expect(lists().at(-1)?.query.get('q')).toBe('ac');
  await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
  expect(await screen.findByText('No tenants yet')).toBeInTheDocument();
  expect(screen.getByLabelText('Begins with')).toHaveValue('');
});

test('a deletion wants the subdomain typed, and can be taken back', async () => {
  let now = aTenant();
  const asked = answer({
    ...around,
    [ONE]: () => ({ body: now }),
    [JOBS]: page([]),
    'POST /api/v1/operator/tenants/acme/delete': () => {
      now = aTenant({ status: 'deleting', delete_after: '2026-12-20T08:00:00Z' });
      return { body: now };
    },
    'POST /api/v1/operator/tenants/acme/resume': () => {
      now = aTenant();
      return { body: now };
    },
  });
  await show(<TenantPage />, '/tenants/acme');
  await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
  const name = await screen.findByLabelText('Type acme to confirm');
  await userEvent.type(name, 'acm{Enter}');
  expect(await screen.findByText('This is not the name.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.type(name, 'e{Enter}');
  expect(await screen.findByText(/Acme is being deleted/)).toHaveFocus();
  expect(screen.getByText(/Dec 20, 2026/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Take the deletion back' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Keep acme' }));
  expect(await screen.findByText('Acme stays.')).toBeInTheDocument();
  expect(screen.getByText('active')).toBeInTheDocument();
});

test('a move leads to another server that takes tenants, and is refused in words', async () => {
  let free = false;
  const asked = answer({
    ...around,
    [ONE]: { body: aTenant() },
    [JOBS]: page([]),
    [CLUSTERS]: page([
      aCluster(),
      aCluster({ id: 2, name: 'north' }),
      aCluster({ id: 3, name: 'shut', accepting: false }),
    ]),
    'POST /api/v1/operator/tenants/acme/move': () =>
      free ? { status: 202, body: aJob({ kind: 'move' }) } : problem(409, 'job_under_way'),
  });
  await show(<TenantPage />, '/tenants/acme');
  await userEvent.click(await screen.findByRole('button', { name: 'Move…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Move Acme' });
  const choice = await within(dialog).findByRole('combobox', { name: 'To which cluster' });
  expect(within(choice).getAllByRole('option')).toHaveLength(1);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Move acme' }));
  expect(await within(dialog).findByRole('alert')).toHaveTextContent(
    'Something else is being done',
  );
  free = true;
  await userEvent.click(within(dialog).getByRole('button', { name: 'Move acme' }));
  expect(await screen.findByText(/The move of Acme to north has begun/)).toBeInTheDocument();
  expect(asked.findLast(({ method }) => method === 'POST')?.body).toEqual({ cluster: 'north' });
});

test('a tenant’s migration that would end a run which is held asks once more', async () => {
  const start = 'POST /api/v1/operator/migrations';
  const asked = answer({
    ...around,
    [ONE]: { body: aTenant() },
    [JOBS]: page([]),
    [start]: (call) =>
      (call.body as { replaces_held: boolean }).replaces_held
        ? { status: 202, body: aRun() }
        : problem(409, 'migration_held'),
  });
  await show(<TenantPage />, '/tenants/acme');
  await userEvent.click(await screen.findByRole('button', { name: 'Migrate' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Migrate acme' }));
  expect(await screen.findByText(/the paused one ends/)).toBeInTheDocument();
  const sent = () =>
    asked.filter(({ path }) => path.endsWith('/migrations')).map(({ body }) => body);
  expect(sent()).toEqual([expect.objectContaining({ tenant: 'acme', replaces_held: false })]);
  await userEvent.click(screen.getByRole('button', { name: 'Replace the paused run' }));
  await waitFor(() => expect(sent()).toHaveLength(2));
  expect(sent()[1]).toEqual(expect.objectContaining({ tenant: 'acme', replaces_held: true }));
});
