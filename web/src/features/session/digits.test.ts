import { expect, test } from 'vitest';
import { digitsOf, grouped } from './digits';

test.each([
  ['123456', '123456'],
  ['123 456', '123456'],
  [' 12-34-56\n', '123456'],
  ['Your code: 123456.', '123456'],
  ['1234567', '123456'],
  ['１２３４５６', '123456'],
  ['12a', '12'],
  ['', ''],
])('"%s" is read as "%s"', (typed, code) => {
  expect(digitsOf(typed)).toBe(code);
});

test('a secret is read in groups of four', () => {
  expect(grouped('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
});
