import { expect, test } from 'vitest';
import { digitsOf, minorOf, money, typedOf } from './money';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test.each([
  [4900, 'EUR', 'en', '€49.00'],
  [4900, 'EUR', 'fr', '49,00 €'],
  [123_456_789, 'USD', 'fr', '1 234 567,89 $US'],
  [500, 'JPY', 'en', '¥500'],
  [-1050, 'EUR', 'en', '-€10.50'],
  [0, 'CHF', 'fr', '0,00 CHF'],
])('%d minor units of %s are said in %s as %s', (minor, currency, language, expected) => {
  expect(plain(money(minor, currency, language))).toBe(expected);
});

test.each([
  ['49', 2, 4900],
  ['49.9', 2, 4990],
  ['49,90', 2, 4990],
  ['1 234,5', 2, 123_450],
  ['0', 2, 0],
  ['-10', 2, -1000],
  ['-0', 2, 0],
  ['12.', 2, 1200],
  ['500', 0, 500],
  ['0.000000001', 9, 1],
  // A digit too many, words, nothing, and more than can be counted exactly.
  ['49.905', 2, undefined],
  ['500.5', 0, undefined],
  ['ten', 2, undefined],
  ['', 2, undefined],
  ['1e3', 2, undefined],
  ['99999999999999.99', 2, undefined],
])('%j with %d digits is %s', (typed, digits, expected) => {
  expect(minorOf(typed, digits)).toBe(expected);
});

test.each([
  [4990, 2, true, '49.90'],
  [5, 2, true, '0.05'],
  [-1050, 2, true, '-10.50'],
  [500, 0, true, '500'],
  [10_000_000_000, 9, false, '10'],
  [1_500_000_000, 9, false, '1.5'],
])('%d with %d digits is typed as it is read', (value, digits, fixed, expected) => {
  expect(typedOf(value, digits, fixed)).toBe(expected);
  expect(minorOf(expected, digits)).toBe(value);
});

test('what is no currency yet is taken for one with cents', () => {
  expect(['EUR', 'JPY', 'TND', 'EU', ''].map(digitsOf)).toEqual([2, 0, 3, 2, 2]);
});
