import { afterEach, expect, test, vi } from 'vitest';
import { isNumber, NO_FILTERS, queryOf } from './filters';

afterEach(() => vi.unstubAllEnvs());

test('what was not filled in is not asked for', () => {
  expect(queryOf(NO_FILTERS)).toEqual({});
  expect(queryOf({ ...NO_FILTERS, action: '  ' })).toEqual({});
});

test('words are asked for without the blanks around them, people by their number', () => {
  expect(queryOf({ ...NO_FILTERS, user: '7', action: ' UserInvited ', outcome: 'error' })).toEqual({
    user: 7,
    action: 'UserInvited',
    outcome: 'error',
  });
});

test.each([
  ['7', true],
  [' 42 ', true],
  ['', false],
  ['0', false],
  ['-3', false],
  ['1e3', false],
  ['Léa', false],
])('%j is a person’s number: %s', (typed, is) => {
  expect(isNumber(typed)).toBe(is);
});

// Paris goes to winter time on 25 October 2026, so that day has 25 hours.
test('days are those of the reader’s calendar, and the last one counts to its end', () => {
  vi.stubEnv('TZ', 'Europe/Paris');
  expect(queryOf({ ...NO_FILTERS, from: '2026-10-25', to: '2026-10-25' })).toEqual({
    from: '2026-10-24T22:00:00.000Z',
    to: '2026-10-25T23:00:00.000Z',
  });
});
