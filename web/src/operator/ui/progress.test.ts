import { expect, test } from 'vitest';
import { secondsLeft, share } from './progress';

test.each([
  [0, 10, 0],
  [5, 10, 0.5],
  [12, 10, 1],
  [-1, 10, 0],
  [0, 0, 1],
])('%d of %d is a share of %d', (done, total, expected) => {
  expect(share(done, total)).toBe(expected);
});

// Seen with 100 done at the beginning; 1000 in all.
test.each([
  [10_000, 200, 80],
  [10_000, 550, 10],
  // Too short a look, nothing moved, gone back, or done: no word about the time.
  [2000, 200, undefined],
  [10_000, 100, undefined],
  [10_000, 50, undefined],
  [10_000, 1000, undefined],
])('after %d ms with %d done, %s seconds are left', (at, done, left) => {
  expect(secondsLeft({ done: 100, at: 0 }, { done, total: 1000, at })).toBe(left);
});
