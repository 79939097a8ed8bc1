import { expect, test } from 'vitest';
import { axis, shownNames } from './scale';

test('an axis ends at a round number that nothing exceeds, in whole steps', () => {
  for (const [largest, top, ticks] of [
    [0, 1, 2],
    [1, 1, 2],
    [3, 3, 4],
    [7, 8, 5],
    [10, 12, 5],
    [97, 100, 5],
    [1234, 1500, 4],
  ] as const) {
    const found = axis(largest);
    expect([found.top, found.ticks.length], String(largest)).toEqual([top, ticks]);
    expect(found.top).toBeGreaterThanOrEqual(largest);
    expect(found.ticks.every(Number.isInteger)).toBe(true);
  }
});

test('as many names are shown as there is room for', () => {
  const all = shownNames(7, 640);
  expect([0, 1, 6].map(all)).toEqual([true, true, true]);
  const some = shownNames(90, 640);
  expect(Array.from({ length: 90 }, (_, n) => n).filter(some)).toHaveLength(10);
  expect(shownNames(5, 0)(0)).toBe(true);
});
