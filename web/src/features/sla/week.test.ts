import { expect, test } from 'vitest';
import { minutesOf, typedOf } from './targets';
import { another, isSound, minuteOf, OFFICE, timeOf } from './week';

test.each([
  ['90', 90],
  ['45 min', 45],
  ['4h', 240],
  ['1 h 30', 90],
  ['0', null],
  ['', null],
  ['soon', null],
  ['9000h', null],
])('"%s" promises %j minutes', (typed, minutes) => {
  expect(minutesOf(typed)).toBe(minutes);
});

test('what is typed and what is shown are the same', () => {
  for (const minutes of [1, 59, 60, 61, 1440]) expect(minutesOf(typedOf(minutes))).toBe(minutes);
});

test('midnight ends a day, and begins one', () => {
  expect(minuteOf('00:00', true)).toBe(1440);
  expect(minuteOf('00:00', false)).toBe(0);
  expect(timeOf(1440)).toBe('00:00');
  expect(timeOf(545)).toBe('09:05');
});

test.each([
  [[], true],
  [OFFICE[0], true],
  [[[600, 600]], false],
  [
    [
      [540, 720],
      [720, 800],
    ],
    false,
  ],
  [
    [
      [780, 1080],
      [540, 720],
    ],
    false,
  ],
])('the stretches %j are sound: %j', (ranges, sound) => {
  expect(isSound(ranges as [number, number][])).toBe(sound);
});

test('another stretch stands after the last one', () => {
  const day = OFFICE[0] ?? [];
  expect(another([])).toEqual([[540, 1020]]);
  expect(isSound(another(day))).toBe(true);
});
