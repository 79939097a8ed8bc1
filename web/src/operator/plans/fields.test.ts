import { expect, test } from 'vitest';
import { ApiError } from '~/api/problem';
import { aPlan } from '~/testing/platform';
import { bodyOf, FIRST, feltOf, isCode, refused, type Typed, typedPlan } from './fields';

const wish = (change: Partial<Typed>) => bodyOf({ ...FIRST, name: 'Team', ...change });

test.each<[Partial<Typed>, object]>([
  [
    { agents: '3', tickets_a_month: '1 000' },
    { agents: 3, tickets_a_month: 1000 },
  ],
  [
    { price: '49', extra_ticket: '0,10' },
    { price: 4900, extra_ticket: 10 },
  ],
  [
    { price: '500', currency: 'jpy' },
    { price: 500, currency: 'JPY' },
  ],
  [{ storage_bytes: '1.5' }, { storage_bytes: 1_610_612_736 }],
  [
    { storage_files: '1 000', uploads_a_day: '50' },
    { storage_files: 1000, uploads_a_day: 50 },
  ],
  [
    { storage_bytes: '', agents: '  ' },
    { storage_bytes: undefined, agents: undefined },
  ],
  [{ price: '' }, { price: 0 }],
])('%j is sent as %j', (typed, body) => {
  const made = wish(typed);
  expect(made.faults).toEqual([]);
  expect(made.body).toMatchObject(body);
});

test.each<[Partial<Typed>, string[]]>([
  [{ agents: 'many' }, ['agents']],
  [{ agents: '2.5', connections: '-' }, ['agents', 'connections']],
  [{ price: '4.999' }, ['price']],
  [{ price: '4.9', currency: 'JPY' }, ['price']],
])('%j has no number in %j', (typed, faults) => {
  expect(wish(typed).faults).toEqual(faults);
});

test('a plan that is read and sent as it was typed is the same plan', () => {
  const plan = aPlan({ storage_bytes: 10_000_000_123, extra_ticket: 5, connections: 4 });
  const { code, version, ...same } = plan;
  expect(bodyOf(typedPlan(plan))).toEqual({ body: same, faults: [] });
});

test.each<[Partial<Typed>, string[]]>([
  [{ agents: '2' }, ['agents']],
  [{ storage_bytes: '9.5', connections: '20' }, ['storage_bytes', 'connections']],
  [{ storage_files: '99', uploads_a_day: '1' }, ['storage_files', 'uploads_a_day']],
  [{ audit_months: '' }, ['audit_months']],
  [{ price: '59', extra_ticket: '', currency: 'chf' }, ['price', 'extra_ticket', 'currency']],
  [{ currency: 'JPY', price: '4900', extra_ticket: '5' }, ['price', 'extra_ticket', 'currency']],
  [{ agents: '', tickets_a_month: '101', audit_months: '600', name: 'Crew' }, []],
  [{ is_default: true }, []],
])('of %j is asked about: %j', (change, names) => {
  const plan = aPlan({ extra_ticket: 5, audit_months: 120 });
  const { body } = bodyOf({ ...typedPlan(plan), ...change });
  expect(feltOf(plan, body).map(({ name }) => name)).toEqual(names);
});

test.each([
  ['team', true],
  ['team-2', true],
  ['', false],
  ['Team', false],
  ['2nd', false],
  ['a b', false],
])('%j as a code: %s', (code, right) => {
  expect(isCode(code)).toBe(right);
});

test('the fields that the server refuses are those that it names and we have', () => {
  const of = (...fields: string[]) =>
    new ApiError(
      422,
      'validation_failed',
      '',
      null,
      fields.map((field) => ({ field, code: 'out_of_range', message: '' })),
    );
  expect(refused(of('connections', 'agents', 'moon'))).toEqual(['agents', 'connections']);
  expect(refused(new Error('no'))).toEqual([]);
});
