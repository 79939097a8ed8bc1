import { expect, test } from 'vitest';
import { outcomeOf } from './outcome';
import { everyOne, extend, MOST, NOTHING, toggle } from './select';

const order = [9, 7, 5, 3, 1];
const chosen = (selected: ReturnType<typeof toggle>) => [...selected.ids].sort();

test('a row is taken in, and out again', () => {
  const one = toggle(NOTHING, 7);
  expect(chosen(one)).toEqual([7]);
  expect(chosen(toggle(one, 7))).toEqual([]);
});

test('a range goes from the last chosen row to this one, in either direction', () => {
  expect(chosen(extend(toggle(NOTHING, 7), order, 3))).toEqual([3, 5, 7]);
  expect(chosen(extend(toggle(NOTHING, 3), order, 9))).toEqual([3, 5, 7, 9]);
});

test('a range without a beginning is one row', () => {
  expect(chosen(extend(NOTHING, order, 5))).toEqual([5]);
  expect(chosen(extend(toggle(NOTHING, 99), order, 5))).toEqual([5, 99]);
});

test('no more are selected than one job takes', () => {
  const many = Array.from({ length: MOST + 5 }, (_, id) => id);
  const all = everyOne(many);
  expect(all.ids.size).toBe(MOST);
  expect(toggle(all, 999).ids.size).toBe(MOST);
});

test('refusals are told by reason, each with its tickets', () => {
  const results = [
    { id: 1, ok: true },
    { id: 2, ok: false, code: 'ticket_closed' },
    { id: 3, ok: false, code: 'ticket_closed' },
    { id: 4, ok: false, code: null },
  ];
  expect(outcomeOf({ results })).toEqual({
    done: 1,
    refused: [
      { code: 'ticket_closed', ids: [2, 3] },
      { code: 'unexpected', ids: [4] },
    ],
  });
});
