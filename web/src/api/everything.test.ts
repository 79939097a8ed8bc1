import { expect, test } from 'vitest';
import { everything } from './everything';

test('a list is read to its end, as long as the server lets one be', async () => {
  const rows = await everything<number>(async ({ limit, cursor }) => {
    const first = Number(cursor ?? 0);
    const data = Array.from({ length: limit }, (_, n) => first + n);
    const next = first + limit;
    return { data, page: { next_cursor: next < 5000 ? String(next) : null } };
  });
  expect(rows).toEqual(Array.from({ length: 5000 }, (_, n) => n));
});
