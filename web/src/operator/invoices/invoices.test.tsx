import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anInvoice, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { InvoicePage } from './InvoicePage';
import { InvoicesPage } from './InvoicesPage';

const LIST = 'GET /api/v1/operator/invoices';
const ONE = 'GET /api/v1/operator/invoices/0195-invoice';
const PAY = 'POST /api/v1/operator/invoices/0195-invoice/pay';
const VOID = 'POST /api/v1/operator/invoices/0195-invoice/void';
const AT = '/invoices/0195-invoice';

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test('invoices of all tenants are listed with what is owed, and where each stands', async () => {
  const draft = anInvoice({
    ...{ id: '0195-draft', tenant: 'globex', number: null, organisation: null, state: 'draft' },
    ...{ total: 0, due: 0, issued_at: null },
  });
  const refused = anInvoice({ refusal: 'expired card' });
  answer({ [LIST]: page([draft, refused], 2) });
  await show(<InvoicesPage />, '/invoices');
  const row = await screen.findByRole('row', { name: /2026-000007/ });
  for (const words of ['acme', 'October 2026', '€31.28', '€30.00', 'to be paid', 'expired card']) {
    expect(row).toHaveTextContent(words);
  }
  expect(screen.getByRole('row', { name: /globex/ })).toHaveTextContent('being made');
  expect(screen.getByText('2 of 2')).toBeInTheDocument();
});

test('state and tenant are asked of the server, and stand in the address', async () => {
  const asked = answer({ [LIST]: page([], 0) });
  await show(<InvoicesPage />, '/invoices?tenant=acme');
  expect(await screen.findByText('Nothing fits')).toBeInTheDocument();
  expect(screen.getByLabelText('Tenant')).toHaveValue('acme');
  await userEvent.selectOptions(screen.getByLabelText('State'), 'paid');
  await waitFor(() =>
    expect(asked.map(({ query }) => [query.get('tenant'), query.get('state')])).toEqual([
      ['acme', null],
      ['acme', 'paid'],
    ]),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
  expect(await screen.findByText('No invoices yet')).toBeInTheDocument();
});

test('a payment is noted under how it is known, and cannot be noted twice', async () => {
  let now = anInvoice();
  const asked = answer({
    [ONE]: () => ({ body: now }),
    [PAY]: () => {
      now = anInvoice({ state: 'paid', payment: 'T-1', paid_at: '2026-11-05T08:00:00Z' });
      return { body: now };
    },
  });
  await show(<InvoicePage />, AT);
  await userEvent.click(await screen.findByRole('button', { name: 'Mark as paid…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Is 2026-000007 paid?' }));
  expect(dialog.getByText(/€30\.00 came in/)).toBeInTheDocument();
  await userEvent.type(dialog.getByLabelText('Payment'), ' T-1 ');
  await userEvent.click(dialog.getByRole('button', { name: 'Mark 2026-000007 as paid' }));
  expect(await screen.findByText('2026-000007 is paid.')).toHaveFocus();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ payment: 'T-1' });
  expect(screen.getByText(/Paid on .*T-1/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /Mark as paid|Void/ })).toBeNull();
});

test('a payment without a name is refused at the field', async () => {
  const refusal = problem(422, 'validation_failed');
  const errors = [{ field: 'payment', code: 'out_of_range', message: 'From 1.' }];
  answer({
    [ONE]: { body: anInvoice() },
    [PAY]: { status: 422, body: { ...refusal.body, errors } },
  });
  await show(<InvoicePage />, AT);
  await userEvent.click(await screen.findByRole('button', { name: 'Mark as paid…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Mark 2026-000007 as paid' }));
  expect(await dialog.findByText('From 1 to 200 characters.')).toBeInTheDocument();
});

test('an invoice is voided only after its number was typed, and credits come back', async () => {
  let now = anInvoice();
  const asked = answer({
    [ONE]: () => ({ body: now }),
    [VOID]: () => {
      now = anInvoice({ state: 'void', voided_at: '2026-11-05T08:00:00Z' });
      return { body: now };
    },
  });
  await show(<InvoicePage />, AT);
  await userEvent.click(await screen.findByRole('button', { name: 'Void…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Void 2026-000007?' }));
  expect(dialog.getByText(/€1\.28 of credits go back/)).toBeInTheDocument();
  const submit = () => userEvent.click(dialog.getByRole('button', { name: 'Void 2026-000007' }));
  await userEvent.type(dialog.getByRole('textbox'), '2026-000008');
  await submit();
  expect(dialog.getByText('This is not the name.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.clear(dialog.getByRole('textbox'));
  await userEvent.type(dialog.getByRole('textbox'), '2026-000007');
  await submit();
  expect(await screen.findByText('2026-000007 is void.')).toHaveFocus();
  expect(screen.getByText(/it is not to be paid/)).toBeInTheDocument();
});

test('what somebody else was quicker with is said, and the page catches up', async () => {
  let now = anInvoice();
  answer({
    [ONE]: () => ({ body: now }),
    [VOID]: () => {
      now = anInvoice({ state: 'paid', payment: 'T-1', paid_at: '2026-11-05T08:00:00Z' });
      return problem(409, 'conflict');
    },
  });
  await show(<InvoicePage />, AT);
  await userEvent.click(await screen.findByRole('button', { name: 'Void…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByRole('textbox'), '2026-000007');
  await userEvent.click(dialog.getByRole('button', { name: 'Void 2026-000007' }));
  expect(await screen.findByText('2026-000007 was not voided.')).toBeInTheDocument();
  expect(await screen.findByText(/Paid on .*T-1/)).toBeInTheDocument();
});

test('an invoice that could not be asked for anew stays, and it is said that it is older', async () => {
  let up = true;
  answer({ [ONE]: () => (up ? { body: anInvoice() } : problem(503, 'unavailable')) });
  const queries = await show(<InvoicePage />, AT);
  await screen.findByRole('button', { name: 'Mark as paid…' });
  up = false;
  await queries.invalidateQueries();
  expect(await screen.findByRole('alert')).toHaveTextContent('what you see is older');
  expect(screen.getByRole('button', { name: 'Mark as paid…' })).toBeInTheDocument();
});

test('an invoice that is not there says so', async () => {
  answer({ [ONE]: problem(404, 'invoice_not_found') });
  await show(<InvoicePage />, AT);
  expect(await screen.findByRole('alert')).toHaveTextContent('There is no such invoice.');
});
