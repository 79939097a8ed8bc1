import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { aPlan, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { PlansPage } from './PlansPage';

const LIST = 'GET /api/v1/operator/plans';
const PUT = 'PUT /api/v1/operator/plans/team';
const unlimited = aPlan({
  ...{ code: 'unlimited', name: 'Unlimited', agents: null, tickets_a_month: null },
  ...{ storage_bytes: null, requests_a_minute: null, price: 0, is_default: true },
});
const listed = (...plans: unknown[]) => ({ body: { data: plans } });

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

async function change() {
  await userEvent.click(await screen.findByRole('button', { name: 'Change the plan Team' }));
  return within(await screen.findByRole('dialog', { name: 'Change the plan Team' }));
}

async function type(field: HTMLElement, text: string) {
  await userEvent.clear(field);
  if (text) await userEvent.type(field, text);
}

test('plans are listed with price and limits, and the one without limits stays', async () => {
  answer({ [LIST]: listed(aPlan({ extra_ticket: 10 }), unlimited) });
  await show(<PlansPage />, '/plans');
  const row = await screen.findByRole('row', { name: /Team/ });
  for (const words of ['team', '€49.00', '+ €0.10 each ticket more', '10 GB', '600']) {
    expect(row).toHaveTextContent(words);
  }
  const free = screen.getByRole('row', { name: /Unlimited/ });
  expect(free).toHaveTextContent('for newcomers');
  expect(within(free).queryByRole('button')).toBeNull();
});

test('a changed limit is sent with all that stays, and the page says so', async () => {
  let plan = aPlan();
  const asked = answer({
    [LIST]: () => listed(plan),
    [PUT]: ({ body }) => {
      plan = { ...plan, ...(body as object), version: 2 };
      return { body: plan };
    },
  });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  await type(dialog.getByLabelText('Staff'), '5');
  await type(dialog.getByLabelText('Requests a minute'), '');
  await userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  expect(await screen.findByText(/The plan Team is changed/)).toBeInTheDocument();
  const put = asked.find(({ method }) => method === 'PUT');
  expect(put?.headers.get('If-Match')).toBe('"1"');
  expect(put?.body).toEqual({
    ...{ name: 'Team', agents: 5, tickets_a_month: 100, storage_bytes: 10_737_418_240 },
    ...{ storage_files: 20_000, uploads_a_day: 2000 },
    ...{ audit_months: 60, price: 4900, currency: 'EUR', is_default: false },
  });
  expect(await screen.findByRole('row', { name: /Team.*5/ })).toBeInTheDocument();
});

test('what the server refuses stands at the fields', async () => {
  const refusal = problem(422, 'validation_failed');
  const errors = ['connections', 'extra_ticket'].map((field) => ({
    ...{ field, code: 'out_of_range', message: 'From 1 to 20, or absent.' },
  }));
  answer({ [LIST]: listed(aPlan()), [PUT]: { status: 422, body: { ...refusal.body, errors } } });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  await userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  expect(await dialog.findByText('A whole number from 1 to 20, or nothing.')).toBeInTheDocument();
  expect(dialog.getByLabelText('Each ticket over the limit')).toBeInvalid();
  expect(dialog.getByLabelText('Staff')).toBeValid();
  expect(dialog.queryByRole('alert')).toBeNull();
});

test('what is no number is not sent', async () => {
  const asked = answer({ [LIST]: listed(aPlan()) });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  await type(dialog.getByLabelText('Staff'), 'many');
  await userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  expect(dialog.getByText('A whole number from 1, or nothing.')).toBeInTheDocument();
  expect(asked.filter(({ method }) => method === 'PUT')).toEqual([]);
});

test('another price for a plan that somebody has had is refused, and said where it stands', async () => {
  answer({ [LIST]: listed(aPlan()), [PUT]: problem(409, 'plan_in_use') });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  await type(dialog.getByLabelText('Price a month'), '59');
  await userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Change the plan' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('Make another plan for another price');
  expect(dialog.getByLabelText('Price a month')).toBeInvalid();
});

test('a plan is made under a code that is free and well formed', async () => {
  const asked = answer({
    [LIST]: listed(aPlan()),
    'PUT /api/v1/operator/plans/business': { body: aPlan({ code: 'business', name: 'Business' }) },
  });
  await show(<PlansPage />, '/plans');
  await screen.findByRole('row', { name: /Team/ });
  await userEvent.click(screen.getByRole('button', { name: 'Make a plan' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Make a plan' }));
  const submit = () => userEvent.click(dialog.getByRole('button', { name: 'Make the plan' }));
  await type(dialog.getByLabelText('Code'), 'team');
  await type(dialog.getByLabelText('Name'), 'Business');
  await submit();
  expect(dialog.getByText('There is a plan with this code already.')).toBeInTheDocument();
  await type(dialog.getByLabelText('Code'), '2nd');
  await submit();
  expect(dialog.getByText(/a letter first/)).toBeInTheDocument();
  expect(asked.filter(({ method }) => method === 'PUT')).toEqual([]);
  await type(dialog.getByLabelText('Code'), 'business');
  await submit();
  expect(await screen.findByText('The plan Business is made.')).toBeInTheDocument();
  const put = asked.find(({ method }) => method === 'PUT');
  expect(put?.headers.get('If-Match')).toBe('"0"');
});

test('a plan that somebody else has changed meanwhile is not overwritten, not at a second press either', async () => {
  let plan = aPlan();
  const asked = answer({
    [LIST]: () => listed(plan),
    [PUT]: () => {
      plan = aPlan({ name: 'Crew', version: 2 });
      return problem(412, 'version_mismatch');
    },
  });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  const save = () => userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  await type(dialog.getByLabelText('Staff'), '5');
  await save();
  expect(await dialog.findByRole('alert')).toHaveTextContent('Somebody else has changed this plan');
  expect(await screen.findByText('Crew')).toBeInTheDocument();
  await save();
  const puts = () => asked.filter(({ method }) => method === 'PUT');
  await expect
    .poll(() => puts().map(({ headers }) => headers.get('If-Match')))
    .toEqual(['"1"', '"1"']);
});

test('a plan that somebody else has made meanwhile is not replaced by a new one', async () => {
  const asked = answer({ [LIST]: listed(), [PUT]: problem(412, 'version_mismatch') });
  await show(<PlansPage />, '/plans');
  await screen.findByRole('table');
  await userEvent.click(screen.getByRole('button', { name: 'Make a plan' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Make a plan' }));
  await type(dialog.getByLabelText('Code'), 'team');
  await type(dialog.getByLabelText('Name'), 'Team');
  const make = () => userEvent.click(dialog.getByRole('button', { name: 'Make the plan' }));
  await make();
  expect(await dialog.findByText('There is a plan with this code already.')).toBeInTheDocument();
  expect(dialog.queryByRole('alert')).toBeNull();
  await make();
  expect(dialog.getByText('There is a plan with this code already.')).toBeInTheDocument();
  expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});

test('what whoever has the plan will feel is asked about before it is sent', async () => {
  const asked = answer({ [LIST]: listed(aPlan()), [PUT]: { body: aPlan({ agents: 2 }) } });
  await show(<PlansPage />, '/plans');
  const dialog = await change();
  const save = () => userEvent.click(dialog.getByRole('button', { name: 'Save the plan' }));
  await type(dialog.getByLabelText('Staff'), '2');
  await type(dialog.getByLabelText('Database connections'), '5');
  await save();
  expect(dialog.getAllByRole('listitem').map((one) => one.textContent)).toEqual([
    'Staff: 3 becomes 2',
    'Database connections: – becomes 5',
  ]);
  await userEvent.click(dialog.getByRole('button', { name: 'Back to the form' }));
  expect(asked.some(({ method }) => method === 'PUT')).toBe(false);
  expect(dialog.getByLabelText('Staff')).toHaveValue('2');
  await save();
  await userEvent.click(dialog.getByRole('button', { name: 'Change the plan' }));
  expect(await screen.findByText(/The plan Team is changed/)).toBeInTheDocument();
});

test('a list that does not come says why', async () => {
  answer({ [LIST]: problem(503, 'unavailable') });
  await show(<PlansPage />, '/plans');
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
});
