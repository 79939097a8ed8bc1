import { expect, test } from 'vitest';
import { bytesOf, typedSize } from './megabytes';

test.each([
  ['', null],
  ['five', null],
  ['-1', null],
  ['1.5.2', null],
  ['1e3', null],
  ['5', 5_242_880],
  [' 1 024 ', 1_073_741_824],
  ['0.5', 524_288],
  ['0,5', 524_288],
  ['2.', 2_097_152],
])('what was typed as “%s” is read, or is no size', (typed, bytes) => {
  expect(bytesOf(typed)).toBe(bytes);
});

test.each([0, 1, 999, 5_000_000, 5_242_880, 104_857_600, 1_099_511_627_775])(
  'a form that nobody touched gives all %d bytes back, in both languages',
  (bytes) => {
    for (const language of ['en', 'fr']) expect(bytesOf(typedSize(bytes, language))).toBe(bytes);
  },
);
