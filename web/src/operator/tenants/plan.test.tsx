import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import type { CreditEntry } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aPlan, aTenant, aUsage, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { Said } from '../ui/Said';
import { TenantPlan } from './TenantPlan';

const USAGE = 'GET /api/v1/operator/tenants/acme/usage';
const CREDITS = 'GET /api/v1/operator/tenants/acme/credits';
const PLANS = 'GET /api/v1/operator/plans';
const ASSIGN = 'PUT /api/v1/operator/tenants/acme/plan';
const ENTER = 'POST /api/v1/operator/tenants/acme/credits';
const small = aPlan({ code: 'small', name: 'Small', agents: 1, price: 900 });

function anEntry(change: Partial<CreditEntry> = {}): CreditEntry {
  return {
    ...{ id: 1, tenant_id: '0190-acme', number: 1, kind: 'purchase', amount: 5000, balance: 5000 },
    ...{ currency: 'EUR', reference: 'T-1', note: null, made_at: '2026-11-20T08:00:00Z' },
    ...change,
  };
}

function Page() {
  const [said, setSaid] = useState('');
  return (
    <>
      <Said>{said}</Said>
      <TenantPlan tenant={aTenant()} onDone={setSaid} />
    </>
  );
}

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    [USAGE]: { body: aUsage() },
    [CREDITS]: page([]),
    [PLANS]: { body: { data: [small, aPlan()] } },
    ...table,
  });
  await show(<Page />, '/tenants/acme');
  return asked;
}

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test('a tenant’s plan and usage are told, and its credits with how they came', async () => {
  const credits = { currency: 'EUR', balance: 4000 };
  const spent = anEntry({
    ...{ id: 2, number: 2, kind: 'spend', amount: -1000, balance: 4000 },
    ...{ reference: 'invoice:0195', note: '2026-000007' },
  });
  await open({ [USAGE]: { body: aUsage({ credits }) }, [CREDITS]: page([spent, anEntry()]) });
  expect(await screen.findByText('12 of 100')).toBeInTheDocument();
  expect(screen.getByRole('heading', { name: 'Credits: €40.00' })).toBeInTheDocument();
  const row = await screen.findByRole('row', { name: /2026-000007/ });
  for (const words of ['spent on an invoice', '-€10.00', '€40.00']) {
    expect(row).toHaveTextContent(words);
  }
  expect(screen.getByRole('link', { name: 'Its invoices' })).toHaveAttribute(
    'href',
    '/invoices?tenant=acme',
  );
});

test('another plan is chosen with its limits in view, and what is over it is said', async () => {
  const asked = await open({
    [ASSIGN]: {
      body: aUsage({ plan: small, over: [{ limit: 'agents', allowed: 1, used: 2 }] }),
    },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Change the plan…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Change the plan of Acme' }));
  const choice = await dialog.findByLabelText('To which plan');
  expect(
    within(choice)
      .getAllByRole('option')
      .map((one) => one.textContent),
  ).toEqual(['Small (€9.00 a month)']);
  expect(dialog.getByText('Staff').parentElement).toHaveTextContent('1');
  await userEvent.click(dialog.getByRole('button', { name: 'Change the plan of acme' }));
  expect(
    await screen.findByText(/Acme has the plan Small now\. It has more staff/),
  ).toBeInTheDocument();
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ plan: 'small' });
});

test('a plan in another currency is refused in the dialog', async () => {
  await open({ [ASSIGN]: problem(409, 'other_currency') });
  await userEvent.click(await screen.findByRole('button', { name: 'Change the plan…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(await dialog.findByRole('button', { name: 'Change the plan of acme' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('pays in another currency');
});

test('usage that cannot be counted says so, and the credits are there all the same', async () => {
  await open({ [USAGE]: problem(503, 'unavailable'), [CREDITS]: page([anEntry()]) });
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(await screen.findByRole('row', { name: /T-1/ })).toBeInTheDocument();
});

async function enter(amount: string, reference: string) {
  await userEvent.click(await screen.findByRole('button', { name: 'Enter credits…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Enter credits of Acme' }));
  await userEvent.type(dialog.getByLabelText('Amount'), amount);
  await userEvent.type(dialog.getByLabelText('Reference'), reference);
  await userEvent.click(dialog.getByRole('button', { name: 'Enter for acme' }));
  return dialog;
}

test('credits are entered in minor units, once for a reference', async () => {
  const asked = await open({ [ENTER]: { status: 201, body: anEntry({ balance: 4990 }) } });
  await enter('49,90', 'T-1');
  expect(await screen.findByText('Entered. Acme has €49.90 now.')).toBeInTheDocument();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    ...{ kind: 'purchase', amount: 4990, currency: 'EUR', reference: 'T-1' },
  });
});

test('what is no amount is not sent', async () => {
  const asked = await open();
  const dialog = await enter('a lot', 'T-1');
  expect(dialog.getByLabelText('Amount')).toBeInvalid();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
});

test.each([
  ['conflict', /entered under this reference already/],
  ['credits_too_low', /fewer credits than that/],
])('a refusal with %s is said in the dialog', async (code, words) => {
  await open({ [ENTER]: problem(409, code) });
  const dialog = await enter('49', 'T-1');
  expect(await dialog.findByText(words)).toBeInTheDocument();
});
