import { expect, test } from 'vitest';
import { endOf, isExpired } from './scopes';

const NOW = Date.parse('2026-11-21T12:00:00Z');

test.each([
  ['30', '2026-12-21T12:00:00.000Z'],
  ['365', '2027-11-21T12:00:00.000Z'],
  ['never', undefined],
] as const)('a key for %s days ends at %s', (lifetime, end) => {
  expect(endOf(lifetime, NOW)).toBe(end);
});

test.each([
  [null, false],
  [undefined, false],
  ['2026-11-21T12:00:01Z', false],
  ['2026-11-21T12:00:00Z', true],
])('a key that ends at %s has ended: %s', (end, expired) => {
  expect(isExpired(end, NOW)).toBe(expired);
});
