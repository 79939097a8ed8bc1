import { expect, test } from 'vitest';
import { aMacro, aReply } from '~/testing/desk';
import { atLineStart, choicesFor, withText } from './choices';

const replies = [
  aReply({ id: 1, name: 'Réparation' }),
  aReply({ id: 2, name: 'Bye', message: 'After the réparation' }),
];
const macros = [aMacro({ id: 3, name: 'Ask', message: null })];
const names = (typed: string) => choicesFor(replies, macros, typed).map(({ of }) => of.name);

test('all are offered by name as long as nothing is typed', () => {
  expect(names('')).toEqual(['Ask', 'Bye', 'Réparation']);
});

test('names come before texts, accents and capitals do not matter', () => {
  expect(names('REPARATION')).toEqual(['Réparation', 'Bye']);
  expect(names('repar after')).toEqual(['Bye']);
  expect(names('nothing')).toEqual([]);
});

test('a slash opens the choice only where a line begins', () => {
  expect(atLineStart('', 0, 0)).toBe(true);
  expect(atLineStart('Hello\n', 6, 6)).toBe(true);
  expect(atLineStart('and/or', 3, 3)).toBe(false);
  expect(atLineStart('Hello', 0, 5)).toBe(false);
});

test('a text is put in where the cursor is', () => {
  expect(withText('Hello you', 6, 'dear ')).toEqual({ text: 'Hello dear you', at: 11 });
  expect(withText('Ask @to now', 7, '@Tom', 4)).toEqual({ text: 'Ask @Tom now', at: 8 });
});
