import { expect, test } from 'vitest';
import { aPlan, aUsage } from '~/testing/platform';
import { counted, isRefused, levelOf } from './limits';

test.each([
  [5, null, 'free'],
  [5, undefined, 'free'],
  [0, 10, 'fine'],
  [7, 10, 'fine'],
  [8, 10, 'near'],
  [9, 10, 'near'],
  [10, 10, 'full'],
  [11, 10, 'over'],
  [2, 3, 'fine'],
  [0, 0, 'full'],
] as const)('%d of %s is %s', (used, allowed, level) => {
  expect(levelOf(used, allowed)).toBe(level);
});

test('whoever is asked in has a place already', () => {
  const used = { agents: 2, invited: 1, tickets: 12 };
  expect(counted(aUsage({ used }))).toEqual([
    { of: 'agents', used: 3, allowed: 3 },
    { of: 'tickets', used: 12, allowed: 100 },
  ]);
});

test.each([
  ['agents', null, true],
  ['agents', 10, true],
  ['tickets', null, true],
  ['tickets', 10, false],
  ['tickets', 0, false],
] as const)(
  '%s beyond the limit, of which one more costs %s: refused %s',
  (of, extra, expected) => {
    expect(isRefused({ of, used: 0 }, aPlan({ extra_ticket: extra }))).toBe(expected);
  },
);
