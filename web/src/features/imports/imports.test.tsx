import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Import } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aField } from '~/testing/desk';
import { anImport } from '~/testing/imports';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ImportsPage } from './ImportsPage';

const LIST = 'GET /api/v1/imports';
const ONE = '/api/v1/imports/7';
const COUNTS = { records: 10, imported: 7, skipped: 1, failed: 2, warned: 1, contacts: 3 };

beforeEach(() => welcome(loginOf(lea, 'admin')));

/** The page with these imports, and what else is answered. */
async function shown(
  there: () => Import[],
  more: Parameters<typeof answer>[0] = {},
): Promise<ReturnType<typeof answer>> {
  const asked = answer({
    'GET /api/v1/custom-fields': page([aField()]),
    [`GET ${ONE}/errors`]: page([]),
    [LIST]: () => page(there()),
    ...more,
  });
  await show(<ImportsPage />, '/settings/imports');
  return asked;
}

const card = () => screen.findByRole('region', { name: 'tickets.csv' });

test('a file is sent in parts, and what the answer lost is sent again', async () => {
  let there: Import[] = [];
  let lost = 1;
  const file = new File(['subject,email\nOne,a@x.test\n'], 'tickets.csv', { type: 'text/csv' });
  const asked = await shown(() => there, {
    'POST /api/v1/imports': () => {
      there = [anImport({ state: 'uploading', file_size: file.size, received: 0, columns: [] })];
      return { status: 201, body: there[0] };
    },
    [`PUT ${ONE}/file/0`]: () => {
      lost -= 1;
      if (lost === 0) return 'no network';
      there = [anImport({ file_size: file.size, received: file.size })];
      return { body: there[0] };
    },
  });
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  await userEvent.upload(input as HTMLInputElement, file);
  expect(
    await screen.findByText('to be checked', undefined, { timeout: 5000 }),
  ).toBeInTheDocument();
  const begun = asked.find(({ method }) => method === 'POST');
  expect(begun?.body).toEqual({ kind: 'csv', file_name: 'tickets.csv', file_size: file.size });
  expect(begun?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/);
  const parts = asked.filter(({ method }) => method === 'PUT');
  expect(parts.map(({ body }) => body)).toEqual(Array(2).fill('subject,email\nOne,a@x.test\n'));
  expect(parts[0]?.headers.get('content-type')).toBe('application/octet-stream');
});

test('a file that is dropped is taken, one that is empty or of no use is refused', async () => {
  const asked = await shown(() => [], { 'POST /api/v1/imports': problem(409, 'conflict') });
  const zone = (await screen.findByText('or drop it here')).parentElement as HTMLElement;
  fireEvent.drop(zone, { dataTransfer: { files: [new File([], 'empty.json')] } });
  expect(await screen.findByRole('alert')).toHaveTextContent('A file has one byte at least');
  fireEvent.drop(zone, { dataTransfer: { files: [new File(['{}'], 'export.json')] } });
  await expect
    .poll(() => asked.find(({ method }) => method === 'POST')?.body)
    .toEqual({
      kind: 'zendesk',
      file_name: 'export.json',
      file_size: 2,
    });
});

test('the system that a file is from goes with it, and what was passed over is told', async () => {
  const passed = { id: 1, line: 2, is_warning: true, field: 'external_id', code: 'here_already' };
  const counts = { ...COUNTS, imported: 0, skipped: 1, failed: 0, warned: 0 };
  const asked = await shown(() => [anImport({ state: 'finished', counts })], {
    [`GET ${ONE}/errors`]: page([{ ...passed, message: '1 is here already, as TKT-ABCDEF.' }]),
    'POST /api/v1/imports': problem(409, 'conflict'),
  });
  const told = await within(await card()).findByText('This ticket is here already.');
  expect(told).toHaveAttribute('title', '1 is here already, as TKT-ABCDEF.');
  await userEvent.type(screen.getByLabelText('From which system'), ' Freshdesk ');
  const zone = screen.getByText('or drop it here').parentElement as HTMLElement;
  fireEvent.drop(zone, { dataTransfer: { files: [new File(['a'], 'other.csv')] } });
  await expect
    .poll(() => asked.find(({ method }) => method === 'POST')?.body)
    .toEqual({ kind: 'csv', file_name: 'other.csv', file_size: 1, source: 'Freshdesk' });
});

test('columns are said, then checked, and what was said goes with it', async () => {
  let there = anImport({ mapping: { Sujet: 'subject' } });
  const asked = await shown(() => [there], {
    [`PATCH ${ONE}`]: ({ body }) => {
      there = { ...there, mapping: (body as Import).mapping };
      return { body: there };
    },
    [`POST ${ONE}/run`]: () => {
      there = { ...there, state: 'checking' };
      return { body: there };
    },
  });
  const within_ = within(await card());
  expect(within_.getByText("Still to be said: Requester's address.")).toBeInTheDocument();
  expect(within_.getByRole('button', { name: 'Check' })).toBeDisabled();
  expect(within_.getByText('Printer on fire')).toBeInTheDocument();
  await userEvent.selectOptions(within_.getByLabelText('What Mail is'), "Requester's address");
  await userEvent.selectOptions(within_.getByLabelText('What Colour is'), 'Serial number');
  await userEvent.click(within_.getByRole('button', { name: 'Check' }));
  expect(await screen.findByText('being checked')).toBeInTheDocument();
  const sent = asked.filter(({ path }) => path.startsWith(ONE) && !path.endsWith('/errors'));
  expect(sent.map(({ body }) => body)).toEqual([
    {
      mapping: {
        Sujet: 'subject',
        Mail: 'requester_email',
        Colour: 'custom_fields.serial',
      },
    },
    { dry_run: true },
  ]);
});

test('what a column is already is taken from the other one', async () => {
  await shown(() => [anImport()]);
  const within_ = within(await card());
  await userEvent.selectOptions(within_.getByLabelText('What Colour is'), 'Subject');
  expect(within_.getByLabelText('What Sujet is')).toHaveDisplayValue('Not brought');
});

test('a check shows what would come and what is wrong with which line, and leads to the run', async () => {
  let there = anImport({ state: 'checked', counts: COUNTS, started_at: '2026-11-20T08:01:00Z' });
  const rows = [
    { id: 1, line: 3, is_warning: false, field: 'status', code: 'unknown_value', message: 'x' },
    { id: 2, line: 4, is_warning: true, field: '', code: 'unheard_of', message: 'In English.' },
  ];
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:errors');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  const asked = await shown(() => [there], {
    [`GET ${ONE}/errors`]: page(rows),
    [`GET ${ONE}/errors/export`]: { body: 'line' },
    [`POST ${ONE}/run`]: () => {
      there = { ...there, state: 'running', position: 1_250_000 };
      return { body: there };
    },
  });
  const within_ = within(await card());
  const count = (name: string) => within_.getByText(name).parentElement;
  expect(count('would be brought')).toHaveTextContent('7');
  expect(count('here already')).toHaveTextContent('1');
  expect(await within_.findByText('Nobody here knows this.')).toBeInTheDocument();
  expect(within_.getByText('In English.')).toBeInTheDocument();
  await userEvent.click(within_.getByRole('button', { name: 'Download as a table' }));
  await expect.poll(() => saved.mock.calls.length).toBe(1);
  await userEvent.click(within_.getByRole('button', { name: 'Bring the tickets' }));
  expect(await screen.findByRole('progressbar', { name: '50 % are read' })).toBeInTheDocument();
  expect(asked.find(({ path }) => path === `${ONE}/run`)?.body).toEqual({ dry_run: false });
});

test('an import is ended after a question that names it, and a refusal is said', async () => {
  const asked = await shown(() => [anImport({ state: 'running', counts: COUNTS })], {
    [`POST ${ONE}/cancel`]: problem(503, 'unavailable'),
  });
  const within_ = within(await card());
  await userEvent.click(within_.getByRole('button', { name: 'End this import' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(asked.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
  await userEvent.click(dialog.getByRole('button', { name: 'End the import of tickets.csv' }));
  expect(await screen.findByText('The import was not ended.')).toBeInTheDocument();
});

test('what cannot be read says why, and a file that was left goes on with the same one only', async () => {
  await shown(() => [
    anImport({ id: 8, file_name: 'old.csv', state: 'failed', reason: 'not_text', columns: [] }),
    anImport({ state: 'uploading', received: 1_000_000, columns: [] }),
  ]);
  const failed = within(await screen.findByRole('region', { name: 'old.csv' }));
  expect(failed.getByText(/This is neither a table nor/)).toBeInTheDocument();
  expect(failed.queryByRole('button', { name: /^End/ })).toBeNull();
  const open = within(await card());
  expect(open.getByRole('progressbar', { name: '40 % are sent' })).toBeInTheDocument();
  expect(open.getByRole('button', { name: 'Go on sending' })).toBeEnabled();
  const inputs = document.querySelectorAll<HTMLInputElement>('input[type=file]');
  await userEvent.upload(inputs[1] as HTMLInputElement, new File(['x'], 'other.csv'));
  expect(await open.findByRole('alert')).toHaveTextContent('That is another file');
});

test('whoever has not confirmed their address is told so, and has the link sent', async () => {
  const asked = await shown(() => [], {
    'POST /api/v1/imports': problem(403, 'email_not_verified'),
    'POST /api/v1/auth/email/resend': { status: 202 },
  });
  const zone = (await screen.findByText('or drop it here')).parentElement as HTMLElement;
  fireEvent.drop(zone, { dataTransfer: { files: [new File(['a'], 'other.csv')] } });
  expect(await screen.findByRole('alert')).toHaveTextContent('Confirm your own e-mail address');
  await userEvent.click(screen.getByRole('button', { name: 'Send it again' }));
  expect(await screen.findByText(/Sent again/)).toBeInTheDocument();
  expect(asked.filter(({ path }) => path.endsWith('/resend'))).toHaveLength(1);
});

test("a bound that is no plan's is said in its own words", async () => {
  const { status, body } = problem(413, 'quota_exceeded');
  const quota = { limit: 'import_bytes', allowed: 2 ** 30, used: 2 ** 30 };
  await shown(() => [], { 'POST /api/v1/imports': { status, body: { ...body, quota } } });
  const zone = (await screen.findByText('or drop it here')).parentElement as HTMLElement;
  fireEvent.drop(zone, { dataTransfer: { files: [new File(['a'], 'other.csv')] } });
  expect(await screen.findByRole('alert')).toHaveTextContent('imports have 1 GB at most');
});

test('with three that are open there is no room for another one', async () => {
  await shown(() => [1, 2, 3].map((id) => anImport({ id, file_name: `${id}.csv` })));
  expect(await screen.findByText(/Three imports are open/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Choose a file' })).toBeDisabled();
});

test('tickets are taken away in the format that is asked for', async () => {
  const names: string[] = [];
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:tickets');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  const asked = await shown(() => [], { 'GET /api/v1/tickets/export': { body: 'PK' } });
  await userEvent.click(await screen.findByRole('button', { name: 'Workbook (XLSX)' }));
  await expect.poll(() => names).toEqual(['tickets.xlsx']);
  const taken = asked.find(({ path }) => path === '/api/v1/tickets/export');
  expect(taken?.query.get('format')).toBe('xlsx');
});

test('a list that does not come says why, and is asked for again', async () => {
  let up = false;
  answer({ [LIST]: () => (up ? page([anImport()]) : problem(503, 'unavailable')) });
  await show(<ImportsPage />, '/settings/imports');
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  up = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('to be checked')).toBeInTheDocument();
});
