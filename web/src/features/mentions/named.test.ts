import { expect, test } from 'vitest';
import { ApiError } from '~/api/problem';
import { lea, tom } from '~/testing/people';
import { beingNamed, handleOf, namedIn, offered, unseeing } from './named';

const anne = { ...tom, id: 4, firstname: 'Anne', lastname: 'Petit' };
const jean = { ...tom, id: 5, firstname: 'Anne', lastname: 'Petit-Jean' };
const twin = { ...tom, id: 6, email: 'twin@acme.test' };
const all = [lea, tom, anne, jean];

test.each([
  ['@Tom Baker, look', [tom]],
  ['Ask (@Léa Morel) and\n@Tom Baker: @Tom Baker', [lea, tom]],
  ['@Anne Petit-Jean', [jean]],
  ['@Anne Petit', [anne]],
  ['@Tom Baker’s car', [tom]],
  ['@Tom Bakerfield', []],
  ['@Tom Baker-Field', []],
  ['mail me@Tom Baker', []],
  ['Tom Baker', []],
  ['@tom', []],
])('%j names them', (text, named) => {
  expect(namedIn(text, all)).toEqual(named);
});

test('those who are called the same are named with their addresses, and each alone', () => {
  const both = [tom, { ...twin }];
  expect(handleOf(tom, both)).toBe(`Tom Baker (${tom.email})`);
  expect(namedIn('@Tom Baker (twin@acme.test) knows', both)).toEqual([twin]);
  expect(namedIn('@Tom Baker knows', both)).toEqual([]);
});

test.each([
  ['@', 1, { from: 0, typed: '' }],
  ['Ask @to', 7, { from: 4, typed: 'to' }],
  ['Ask @to now', 7, { from: 4, typed: 'to' }],
  ['Ask\n@Tom Ba', 11, { from: 4, typed: 'Tom Ba' }],
  ['Ask @ now', 9, null],
  ['me@acme', 7, null],
  ['@to\nnow', 7, null],
  ['Ask', 3, null],
])('in %j at %i is being named', (text, at, asked) => {
  expect(beingNamed(text, at)).toEqual(asked);
});

test('offered are those of whose name a word begins so, accents or not, until it stands there', () => {
  expect(offered('', all)).toEqual([anne, jean, lea, tom]);
  expect(offered('LEA', all)).toEqual([lea]);
  expect(offered('bak', all)).toEqual([tom]);
  expect(offered('aker', all)).toEqual([]);
  expect(offered('Anne Petit', all)).toEqual([jean]);
  expect(offered('Tom Baker ', all)).toEqual([]);
});

test('a refusal tells who does not see the ticket', () => {
  const field = { field: 'mentions[1]', code: 'unknown_value', message: '' };
  const refused = new ApiError(422, 'validation_failed', '', null, [field]);
  expect(unseeing(refused, [lea, tom])).toBe(tom);
  expect(unseeing(new ApiError(409, 'ticket_closed', '', null), [lea, tom])).toBeUndefined();
});
