import { expect, test } from 'vitest';
import { aCategory, aField } from '~/testing/desk';
import { faultsOf, fieldsOf, sentOf, typedOf } from './values';

const repair = aCategory({ id: 6, name: 'Repair' });
const all = aField({ key: 'serial' });
const own = aField({ key: 'weight', type: 'number', category_id: 6 });

test('a category asks for its own fields and those of all, whatever the capitals', () => {
  const keys = (name: string | null) => fieldsOf([all, own], [repair], name).map(({ key }) => key);
  expect(keys('repair')).toEqual(['serial', 'weight']);
  expect(keys('other')).toEqual(['serial']);
  expect(keys(null)).toEqual(['serial']);
});

test.each([
  ['text', ' A1 ', 'A1'],
  ['text', '   ', null],
  ['number', '1,5', 1.5],
  ['number', '', null],
  ['boolean', 'false', false],
  ['date', '2026-03-02', '2026-03-02'],
  ['multi_select', ['red'], ['red']],
  ['multi_select', [], null],
] as const)('in a field for %s, %j is sent as %j', (type, typed, sent) => {
  const value = Array.isArray(typed) ? [...typed] : (typed as string);
  expect(sentOf([aField({ type })], { serial: value })).toEqual({ serial: sent });
});

test('what the server has stands in the fields, and goes back unchanged', () => {
  const fields = [
    own,
    aField({ key: 'ok', type: 'boolean' }),
    aField({ key: 'c', type: 'multi_select' }),
  ];
  const given = { weight: 2.5, ok: false, c: ['x'], other: 1 };
  expect(sentOf(fields, typedOf(fields, given))).toEqual({ weight: 2.5, ok: false, c: ['x'] });
});

test('what is missing depends on who writes; no number is no number', () => {
  const fields = [
    aField({ key: 'a', required_for_customers: true }),
    aField({ key: 'b', required_for_agents: true }),
    aField({ key: 'c', type: 'number' }),
  ];
  expect(faultsOf(fields, { c: 'many' }, 'customer')).toEqual({
    'custom_fields.a': 'required',
    'custom_fields.c': 'invalid',
  });
  expect(faultsOf(fields, { b: 'x' }, 'staff')).toEqual({});
});
