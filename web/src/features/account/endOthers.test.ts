import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Asked, answer, page, problem } from '~/testing/api';
import { endOthers } from './endOthers';

const ALLOWED = 60;
const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Sessions of one's own on a server that takes sixty requests a minute; the first one is this one. */
function sessions(count: number) {
  const living = new Set(Array.from({ length: count }, (_, i) => `s${i}`));
  let [used, since] = [0, Date.now()];
  const limited =
    <T>(work: (asked: Asked) => T) =>
    (asked: Asked) => {
      if (Date.now() - since >= MINUTE_MS) [used, since] = [0, Date.now()];
      used += 1;
      const left = String(Math.ceil((since + MINUTE_MS - Date.now()) / 1000));
      if (used > ALLOWED) {
        return { ...problem(429, 'rate_limited'), headers: { 'retry-after': left } };
      }
      return work(asked);
    };
  const all = [...living].map((id) => ({ id, current: id === 's0' }));
  const table: Parameters<typeof answer>[0] = {
    'GET /api/v1/auth/sessions': limited(({ query }) => {
      const from = Number(query.get('cursor') ?? 0);
      const data = all.slice(from, from + 100);
      const next_cursor = from + 100 < count ? String(from + 100) : null;
      return { body: { data, page: { next_cursor, limit: 100 } } };
    }),
  };
  for (const { id } of all) {
    table[`DELETE /api/v1/auth/sessions/${id}`] = limited(() => {
      living.delete(id);
      return { status: 204 };
    });
  }
  return { living, table };
}

test('more sessions than one page, and than one minute allows, end all the same', async () => {
  const { living, table } = sessions(131);
  answer(table);
  const told: number[] = [];
  const done = endOthers((ended) => told.push(ended));
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
  await done;
  expect([...living]).toEqual(['s0']);
  expect(told.at(-1)).toBe(130);
});

test('one that is over already stops nobody', async () => {
  const { living, table } = sessions(3);
  answer({ ...table, 'DELETE /api/v1/auth/sessions/s1': problem(404, 'not_found') });
  await endOthers(() => {});
  expect(living.has('s2')).toBe(false);
});

test('another refusal is told, and so is a wait that nobody would sit through', async () => {
  answer({
    'GET /api/v1/auth/sessions': page([{ id: 's1', current: false }]),
    'DELETE /api/v1/auth/sessions/s1': problem(403, 'forbidden'),
  });
  await expect(endOthers(() => {})).rejects.toMatchObject({ code: 'forbidden' });
  answer({
    'GET /api/v1/auth/sessions': {
      ...problem(429, 'rate_limited'),
      headers: { 'retry-after': '3600' },
    },
  });
  await expect(endOthers(() => {})).rejects.toMatchObject({ code: 'rate_limited' });
});
