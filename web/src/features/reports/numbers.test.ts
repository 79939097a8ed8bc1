import { expect, test } from 'vitest';
import { change, count, dayName, NONE, points, share, span } from './numbers';

/** Spaces that do not break are spaces to a reader. */
const read = (text: string | null) => text?.replaceAll(/[\u00a0\u202f]/g, ' ') ?? null;

test('minutes are told in the two largest units', () => {
  expect([0, 0.4, 3, 59.6, 125, 1440, 5950, 44_640].map((n) => read(span(n, 'en')))).toEqual([
    '0m',
    '0m',
    '3m',
    '1h',
    '2h 5m',
    '1d',
    '4d 3h',
    '31d',
  ]);
  expect(read(span(125, 'fr'))).toBe('2h 5min');
  expect(span(null, 'en')).toBe(NONE);
});

test('a share is never rounded to all or to nothing', () => {
  expect([1, 0.9996, 0.97, 0.5, 0.0004, 0].map((n) => read(share(n, 'en')))).toEqual([
    '100%',
    '99.9%',
    '97%',
    '50%',
    '0.1%',
    '0%',
  ]);
  expect(share(null, 'en')).toBe(NONE);
});

test('what has changed is told only against something', () => {
  expect([
    change(12, 10, 'en'),
    change(5, 10, 'en'),
    change(10, 10, 'en'),
    change(3, 0, 'en'),
  ]).toEqual(['+20%', '-50%', '0%', null]);
});

test('numbers and days are written as the language does', () => {
  expect([read(count(12_345, 'fr')), read(points(4, 'fr')), points(null, 'fr')]).toEqual([
    '12 345',
    '4,0',
    NONE,
  ]);
  expect(dayName('2026-03-29', 'en')).toBe('Mar 29');
  expect(dayName('2026-03-29', 'fr', true)).toBe('29 mars 2026');
});
