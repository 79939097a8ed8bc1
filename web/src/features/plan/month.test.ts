import { expect, test } from 'vitest';
import { dayOf, daysOf, monthOf, nextMonth } from './month';

test.each([
  ['2026-11-22T14:00:00Z', '2026-12-01T00:00:00.000Z'],
  ['2026-12-31T23:59:59Z', '2027-01-01T00:00:00.000Z'],
  // Months are those of UTC, wherever one is.
  ['2026-12-01T00:30:00+02:00', '2026-12-01T00:00:00.000Z'],
])('after %s tickets are counted anew on %s', (now, then) => {
  expect(new Date(nextMonth(Date.parse(now))).toISOString()).toBe(then);
});

test('a day is the same for all readers', () => {
  expect(dayOf('2026-12-01', 'en-GB')).toBe('1 December 2026');
  expect(dayOf(Date.parse('2026-12-01T00:00:00Z'), 'fr')).toBe('1 décembre 2026');
  expect(monthOf('2026-11-01', 'fr')).toBe('novembre 2026');
});

test('the day on which a time ends is not in it', () => {
  expect(daysOf('2026-10-17', '2026-11-01', 'en-GB')).toMatch(/^17\s*[–-]\s*31 Oct 2026$/);
  expect(daysOf('2026-10-31', '2026-11-01', 'en-GB')).toBe('31 Oct 2026');
});
