import { expect, test } from 'vitest';
import { linesOf } from './diff';

test('of what was before and is after, only what differs is told', () => {
  const changes = {
    before: { role: 'agent', email: 'lea@acme.test', tags: ['a'] },
    after: { role: 'manager', email: 'lea@acme.test', tags: ['a', 'b'] },
  };
  expect(linesOf(changes)).toEqual([
    { field: 'role', before: 'agent', after: 'manager' },
    { field: 'tags', before: '["a"]', after: '["a","b"]' },
  ]);
});

test('what was made has no past, and what was removed no present', () => {
  expect(linesOf({ after: { id: 7, name: 'Léa' } })).toEqual([
    { field: 'id', after: '7' },
    { field: 'name', after: 'Léa' },
  ]);
  expect(linesOf({ before: { id: 7 }, after: {} })).toEqual([{ field: 'id', before: '7' }]);
});

test('a field inside another is told by its path', () => {
  const changes = { before: { user: { role: 'agent' } }, after: { user: { role: null } } };
  expect(linesOf(changes)).toEqual([{ field: 'user.role', before: 'agent', after: 'null' }]);
});

test('what else was noted stands as it is', () => {
  expect(linesOf({ times: 3 })).toEqual([{ field: 'times', after: '3' }]);
});

test.each([[null], [undefined], ['text'], [[1]], [{}], [{ after: {} }]])(
  '%j changes nothing',
  (none) => {
    expect(linesOf(none)).toEqual([]);
  },
);
