import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aBackup, aDrill, aJob, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { sizeIn } from '~/ui/size';
import { startDesk, welcome } from '../session';
import { BackupsPage } from './BackupsPage';
import { isLate, newestOfEach, verdicts } from './rules';

const LIST = 'GET /api/v1/operator/backups';
const TAKE = 'POST /api/v1/operator/backups';
const DRILLS = 'GET /api/v1/operator/drills';
const DRILL = 'POST /api/v1/operator/drills';
const RESTORE = 'POST /api/v1/operator/backups/0193-backup/restore';

const older = aBackup({ id: 'older', taken_at: '2026-11-19T02:00:00Z' });
const books = aBackup({ id: 'books', tenant: null, tenant_id: null });

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test('of each tenant, and of the control database, the newest counts', () => {
  const globex = aBackup({ id: 'globex', tenant_id: '0190-globex', tenant: 'globex' });
  const ids = newestOfEach([aBackup(), globex, books, older]).map(({ id }) => id);
  expect(ids).toEqual(['0193-backup', 'globex', 'books']);
});

test('a backup is late when the next night’s is missing', () => {
  const taken = '2026-11-20T02:00:00Z';
  expect(isLate(taken, Date.parse('2026-11-21T03:59:00Z'))).toBe(false);
  expect(isLate(taken, Date.parse('2026-11-21T04:01:00Z'))).toBe(true);
});

test('of several drills of one backup the newest counts', () => {
  const found = verdicts([aDrill({ is_equal: false }), aDrill({ id: 'before' })]);
  expect(found.get('0193-backup')?.is_equal).toBe(false);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1024, '1 kB'],
  [1_572_864, '1.5 MB'],
  [227_633_266_688, '212 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeIn(bytes, 'en')).toBe(words);
});

test('the newest of each with its drill; older ones on demand', async () => {
  answer({
    [LIST]: page([aBackup(), books, older]),
    [DRILLS]: page([aDrill({ is_equal: false, trouble: 'tickets: 1 row less' })]),
  });
  await show(<BackupsPage />, '/backups');
  const table = await screen.findByRole('table', { name: 'Backups' });
  expect(within(table).getAllByRole('row')).toHaveLength(3);
  expect(await within(table).findByText('not equal')).toBeInTheDocument();
  expect(within(table).getByText('Control database')).toBeInTheDocument();
  expect(within(table).getAllByRole('button', { name: /^Restore/ })).toHaveLength(1);
  await userEvent.click(screen.getByRole('switch', { name: 'Older ones, too' }));
  expect(within(table).getAllByRole('row')).toHaveLength(4);
});

test('drills that could not be asked for anew stay, and it is said that they are older', async () => {
  let up = true;
  answer({
    [LIST]: page([]),
    [DRILLS]: () => (up ? page([aDrill()]) : problem(503, 'unavailable')),
  });
  const queries = await show(<BackupsPage />, '/backups');
  await screen.findByText('equal');
  up = false;
  await queries.invalidateQueries();
  expect(await screen.findByRole('alert')).toHaveTextContent('what you see is older');
  expect(screen.getByText('equal')).toBeInTheDocument();
});

test('whose backup is late is asked of the server, and whoever has none comes first', async () => {
  const without = [{ tenant_id: '0190-new', tenant: 'initech', since: '2026-11-01T00:00:00Z' }];
  const asked = answer({
    [LIST]: ({ query }) =>
      query.has('late') ? { body: { ...page([]).body, without } } : page([aBackup()]),
    [DRILLS]: page([]),
  });
  await show(<BackupsPage />, '/backups');
  await screen.findByRole('table', { name: 'Backups' });
  await userEvent.click(screen.getByRole('switch', { name: 'The latest first' }));
  const table = await screen.findByRole('table', { name: 'Without a backup yet' });
  expect(within(table).getByRole('link', { name: 'initech' })).toBeInTheDocument();
  expect(screen.getByRole('switch', { name: 'Older ones, too' })).toBeDisabled();
  const lists = asked.filter(({ path }) => path === '/api/v1/operator/backups');
  expect(lists.map(({ query }) => query.get('late'))).toEqual([null, 'true']);
});

test('a restore wants the subdomain typed, and asks for nothing before', async () => {
  const asked = answer({
    [LIST]: page([aBackup()]),
    [DRILLS]: page([]),
    [RESTORE]: { status: 202, body: aJob({ kind: 'restore', tenant: 'acme' }) },
  });
  await show(<BackupsPage />, '/backups');
  await userEvent.click(await screen.findByRole('button', { name: /^Restore acme/ }));
  const dialog = await screen.findByRole('dialog', { name: 'Bring acme back?' });
  const name = within(dialog).getByLabelText('Type acme to confirm');
  await userEvent.type(name, 'globex{Enter}');
  expect(await within(dialog).findByText('This is not the name.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(within(dialog).getByRole('checkbox'));
  await userEvent.clear(name);
  await userEvent.type(name, 'acme{Enter}');
  expect(await screen.findByText(/acme is being brought back/)).toHaveFocus();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    tenant: 'acme',
    resend: true,
  });
});

test('a backup that cannot be taken says why; a drill of somebody by chance is begun', async () => {
  const asked = answer({
    [LIST]: page([]),
    [DRILLS]: page([]),
    [TAKE]: problem(404, 'tenant_not_found'),
    [DRILL]: { status: 202, body: aJob({ kind: 'drill' }) },
  });
  await show(<BackupsPage />, '/backups');
  expect(await screen.findByText('No backups yet')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Back up now' }));
  const dialog = await screen.findByRole('dialog', { name: 'Back up now' });
  await userEvent.type(within(dialog).getByLabelText('Tenant'), 'nobody{Enter}');
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('There is no such tenant.');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await userEvent.click(screen.getByRole('button', { name: 'Drill now' }));
  const drill = await screen.findByRole('dialog', { name: 'Drill now' });
  await userEvent.click(within(drill).getByRole('button', { name: 'Drill now' }));
  expect(await screen.findByText(/A backup is being tried/)).toHaveFocus();
  expect(asked.at(-1)?.path).not.toContain('nobody');
});
