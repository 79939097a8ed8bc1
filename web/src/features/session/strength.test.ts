import { expect, test } from 'vitest';
import { strengthOf } from './strength';

test.each([
  ['password1234', 'weak'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['abc', 'weak'],
  ['plover-kite', 'fair'],
  ['plover-kite-anvil', 'strong'],
])('"%s" is %s', (password, strength) => {
  expect(strengthOf(password)).toBe(strength);
});

test('one’s own name adds nothing', () => {
  expect(strengthOf('chloepetit42!', ['Chloe', 'Petit'])).toBe('weak');
});
