import { expect, test } from 'vitest';
import { aView } from '~/testing/desk';
import { moved } from './moved';

const places = (of: ReturnType<typeof moved>) =>
  of.map(({ view, position }) => [view.id, position]);

test('views that were never moved get their places with the first move', () => {
  const views = [1, 2, 3, 4].map((id) => aView({ id }));
  expect(places(moved(views, aView({ id: 3 }), -1))).toEqual([
    [3, 1],
    [2, 2],
    [4, 3],
  ]);
});

test('afterwards only the two that change places are written', () => {
  const views = [1, 2, 3].map((id, position) => aView({ id, position }));
  expect(places(moved(views, aView({ id: 1 }), 1))).toEqual([
    [2, 0],
    [1, 1],
  ]);
});

test('one moves among its like only, and not beyond them', () => {
  const views = [aView({ id: 1 }), aView({ id: 2, scope: 'everybody' })];
  expect(moved(views, aView({ id: 1 }), 1)).toEqual([]);
  expect(moved(views, aView({ id: 2, scope: 'everybody' }), -1)).toEqual([]);
  expect(moved(views, aView({ id: 3 }), 1)).toEqual([]);
});
