import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { anInvoice, aPlan, aUsage } from '~/testing/platform';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { InvoicePage } from './InvoicePage';
import { PlanPage } from './PlanPage';

const USAGE = 'GET /api/v1/tenant/usage';
const INVOICES = 'GET /api/v1/tenant/invoices';
const ONE = 'GET /api/v1/tenant/invoices/0195-invoice';

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({ [USAGE]: { body: aUsage() }, [INVOICES]: page([]), ...table });
  await show(<PlanPage />, '/settings/plan');
  return asked;
}

beforeEach(() => {
  welcome(loginOf(lea, 'admin'));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T14:00:00Z') });
  return () => vi.useRealTimers();
});

test('the plan is told with its limits, and what is used of them', async () => {
  await open();
  expect(await screen.findByRole('heading', { name: 'Plan: Team' })).toBeInTheDocument();
  expect(screen.getByText('1 of 3')).toBeInTheDocument();
  expect(screen.getByText('12 of 100')).toBeInTheDocument();
  expect(screen.getByText('Tickets opened in November 2026')).toBeInTheDocument();
  for (const words of ['€49.00 a month', '10 GB', '600', '60 months']) {
    expect(screen.getByText(words)).toBeInTheDocument();
  }
  // Nothing is near, nothing was paid ahead, nothing is sold one by one.
  expect(screen.queryByText(/Limit|limit reached|Credits|over the limit/)).toBeNull();
  expect(screen.getByRole('progressbar', { name: 'Staff' })).toHaveAttribute('aria-valuenow', '33');
});

test('without limits there are numbers and no bars', async () => {
  const plan = aPlan({
    ...{ agents: null, tickets_a_month: null, storage_bytes: null, requests_a_minute: null },
    ...{ storage_files: null, uploads_a_day: null, price: 0 },
  });
  await open({ [USAGE]: { body: aUsage({ plan, since: null }) } });
  expect(await screen.findByText('12, no limit')).toBeInTheDocument();
  expect(screen.getAllByText('No limit')).toHaveLength(4);
  expect(screen.queryByRole('progressbar')).toBeNull();
});

test.each([
  [{ agents: 2, invited: 1, tickets: 0 }, {}, 'Limit reached', /nobody else can be invited/],
  [{ agents: 5, invited: 0, tickets: 0 }, {}, 'Over the limit', /Nobody is put out/],
  [{ agents: 1, invited: 0, tickets: 85 }, {}, 'Near the limit', /Left: 15.*1 December|December 1/],
  [{ agents: 1, invited: 0, tickets: 100 }, {}, 'Limit reached', /until December 1, 2026 no more/],
  [
    { agents: 1, invited: 0, tickets: 120 },
    { extra_ticket: 10 },
    'Over the limit',
    /Each one more costs €0\.10/,
  ],
])('%j with %j: %s', async (used, change, level, words) => {
  await open({ [USAGE]: { body: aUsage({ used, plan: aPlan(change) }) } });
  expect(await screen.findByText(level)).toBeInTheDocument();
  expect(screen.getByText(words)).toBeInTheDocument();
});

test('credits are told in the language’s own way, and open invitations behind the places', async () => {
  const used = { agents: 1, invited: 1, tickets: 0 };
  const credits = { currency: 'EUR', balance: 123_450 };
  await open({ [USAGE]: { body: aUsage({ used, credits }) } });
  expect(await screen.findByText('€1,234.50')).toBeInTheDocument();
  expect(screen.getByText('1 of them is an open invitation')).toBeInTheDocument();
});

test('usage that cannot be counted just now says so, and the invoices are there all the same', async () => {
  let up = false;
  await open({
    [USAGE]: () => (up ? { body: aUsage() } : problem(503, 'unavailable')),
    [INVOICES]: page([anInvoice({ lines: [] })]),
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(await screen.findByRole('link', { name: '2026-000007' })).toBeInTheDocument();
  up = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Plan: Team' })).toBeInTheDocument();
});

test('invoices are listed with month, amount and state, page by page', async () => {
  const first = anInvoice({ lines: [] });
  const older = anInvoice({
    ...{ id: '0195-older', number: '2026-000002', period: '2026-09-01', state: 'paid', lines: [] },
  });
  await open({
    [INVOICES]: ({ query }) =>
      query.get('cursor') === 'c2'
        ? page([older])
        : { body: { data: [first], page: { next_cursor: 'c2', limit: 24 } } },
  });
  const row = await screen.findByRole('row', { name: /2026-000007/ });
  for (const words of ['October 2026', '€31.28', 'to be paid']) {
    expect(row).toHaveTextContent(words);
  }
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  expect(await screen.findByRole('row', { name: /2026-000002/ })).toHaveTextContent('paid');
});

test('an invoice says every line, tax and sum as it was issued', async () => {
  answer({ [ONE]: { body: anInvoice() } });
  await show(<InvoicePage />, '/settings/plan/invoices/0195-invoice');
  expect(await screen.findByRole('heading', { name: 'Invoice 2026-000007' })).toBeInTheDocument();
  const [, plan, extra] = within(screen.getByRole('table')).getAllByRole('row');
  for (const words of ['Plan team', '15 days', '€49.00 a month', '€23.71']) {
    expect(plan).toHaveTextContent(words);
  }
  expect(extra).toHaveTextContent('1 ticket');
  const sums = [
    ['Subtotal', '€26.07'],
    ['Tax (20%)', '€5.21'],
    ['Total', '€31.28'],
    ['Paid from credits', '-€1.28'],
    ['Amount due', '€30.00'],
  ];
  for (const [name = '', sum = ''] of sums) {
    expect(screen.getByText(name).parentElement).toHaveTextContent(sum);
  }
});

test.each([
  [{ state: 'paid', payment: 'T-1', paid_at: '2026-11-05T08:00:00Z' }, 'Paid on Nov 5, 2026: T-1'],
  [{ state: 'paid', paid_at: '2026-11-05T08:00:00Z' }, 'Nothing was left to pay on Nov 5, 2026.'],
  [{ state: 'void', voided_at: '2026-11-05T08:00:00Z' }, /Void since Nov 5, 2026/],
  [{ state: 'issued', refusal: 'expired card' }, 'The payment was refused: expired card'],
] as const)('what became of an invoice is told: %j', async (change, words) => {
  answer({ [ONE]: { body: anInvoice(change) } });
  await show(<InvoicePage />, '/settings/plan/invoices/0195-invoice');
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('an invoice is printed by a button', async () => {
  const print = vi.fn();
  vi.stubGlobal('print', print);
  answer({ [ONE]: { body: anInvoice() } });
  await show(<InvoicePage />, '/settings/plan/invoices/0195-invoice');
  await userEvent.click(await screen.findByRole('button', { name: 'Print' }));
  expect(print).toHaveBeenCalledOnce();
  expect(document.title).toBe('Invoice 2026-000007 · Helpdeskly');
});

test('an invoice that is nobody’s here is no riddle', async () => {
  answer({ [ONE]: problem(404, 'invoice_not_found') });
  await show(<InvoicePage />, '/settings/plan/invoices/0195-invoice');
  expect(await screen.findByRole('alert')).toHaveTextContent('There is no such invoice.');
});
