import { expect, test } from 'vitest';
import { endOf, typedOf } from './presets';

const friday = new Date(2026, 10, 20, 16, 45);

test.each([
  ['hours', '2026-11-20T19:45'],
  ['tomorrow', '2026-11-21T09:00'],
  ['monday', '2026-11-23T09:00'],
  ['week', '2026-11-27T09:00'],
] as const)('from a Friday afternoon, %s ends at %s', (preset, end) => {
  expect(typedOf(endOf(preset, friday))).toBe(end);
});

test('on a Monday the next Monday is meant, on a Sunday the day after', () => {
  expect(typedOf(endOf('monday', new Date(2026, 10, 23, 8)))).toBe('2026-11-30T09:00');
  expect(typedOf(endOf('monday', new Date(2026, 10, 22, 8)))).toBe('2026-11-23T09:00');
});
