import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Export } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ExportsPage } from './ExportsPage';

const LIST = 'GET /api/v1/tenant/exports';
const ASK = 'POST /api/v1/tenant/exports';
const TAKE = 'GET /api/v1/tenant/exports/0196-export/download';

function anExport(change: Partial<Export> = {}): Export {
  return {
    id: '0196-export',
    asked_by: 2,
    asked_at: '2026-11-20T08:00:00Z',
    status: 'ready',
    ready_at: '2026-11-20T08:01:00Z',
    expires_at: '2026-11-27T08:01:00Z',
    size: 2_500_000,
    ...change,
  };
}

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('an export is asked for, looked at while it is made, and offered when it is ready', async () => {
  let there: Export[] = [];
  const asked = answer({
    [LIST]: () => page(there),
    [ASK]: () => {
      there = [anExport({ status: 'making', ready_at: null, expires_at: null, size: null })];
      return { status: 202, body: there[0] };
    },
  });
  await show(<ExportsPage />, '/settings/exports');
  expect(await screen.findByText('No exports yet')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Ask for an export' }));
  expect(await screen.findByText('being made')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Ask for an export' })).toBeDisabled();
  expect(screen.queryByRole('button', { name: /^Download/ })).toBeNull();
  there = [anExport()];
  expect(await screen.findByText('ready')).toBeInTheDocument();
  expect(screen.getByText(/2\.4 MB · there until Nov 27, 2026/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Ask for an export' })).toBeEnabled();
  const post = asked.find(({ method }) => method === 'POST');
  expect(post?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/);
});

test('one that is under way already is said', async () => {
  answer({ [LIST]: page([]), [ASK]: problem(409, 'export_under_way') });
  await show(<ExportsPage />, '/settings/exports');
  await userEvent.click(await screen.findByRole('button', { name: 'Ask for an export' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('An export is being made already.');
});

test('an archive is handed over under the organisation’s name and the day', async () => {
  const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:archive');
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  answer({ [LIST]: page([anExport()]), [TAKE]: { body: 'tar' } });
  await show(<ExportsPage />, '/settings/exports');
  await userEvent.click(await screen.findByRole('button', { name: /^Download the export/ }));
  await expect.poll(() => names).toEqual(['acme-2026-11-20.tar']);
  expect(made).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

test.each([
  [2_500_000, 'Fetching 2.4 MB. Leave this page open until then.'],
  [null, 'The archive is being fetched. Leave this page open until then.'],
])('while an archive of %s bytes is fetched, that is said', async (size, words) => {
  let end = () => {};
  const rest = new Promise<void>((resolve) => {
    end = resolve;
  });
  answer({
    [LIST]: page([anExport({ size })]),
    [TAKE]: () => rest.then(() => problem(503, 'unavailable')),
  });
  await show(<ExportsPage />, '/settings/exports');
  await userEvent.click(await screen.findByRole('button', { name: /^Download the export/ }));
  expect(await screen.findByText(words)).toBeInTheDocument();
  end();
  expect(await screen.findByText('The archive was not fetched.')).toBeInTheDocument();
  expect(screen.queryByText(words)).toBeNull();
});

test('an archive that is gone meanwhile is said, and the list is asked for anew', async () => {
  let there = [anExport()];
  answer({
    [LIST]: () => page(there),
    [TAKE]: () => {
      there = [anExport({ status: 'expired' })];
      return problem(404, 'export_not_found');
    },
  });
  await show(<ExportsPage />, '/settings/exports');
  await userEvent.click(await screen.findByRole('button', { name: /^Download the export/ }));
  expect(await screen.findByText(/This export is not there any more/)).toBeInTheDocument();
  expect(await screen.findByText('expired')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /^Download/ })).toBeNull();
});

test('one that failed says what to do', async () => {
  answer({ [LIST]: page([anExport({ status: 'failed', expires_at: null })]) });
  await show(<ExportsPage />, '/settings/exports');
  expect(await screen.findByText('It could not be made. Ask for another one.')).toBeInTheDocument();
});

test('a list that does not come says why, and is asked for again', async () => {
  let up = false;
  answer({ [LIST]: () => (up ? page([anExport()]) : problem(503, 'unavailable')) });
  await show(<ExportsPage />, '/settings/exports');
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  up = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('ready')).toBeInTheDocument();
});
