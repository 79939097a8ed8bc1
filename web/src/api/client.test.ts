import { expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { app, door, unwrap } from './client';
import { ApiError } from './problem';

test('a request that was one too many waits and is sent again', async () => {
  vi.useFakeTimers();
  let times = 0;
  answer({
    'GET /api/v1/agents': () => {
      times += 1;
      return times === 1 ? problem(429, 'rate_limited') : page([]);
    },
  });
  const agents = unwrap(app.GET('/api/v1/agents', {}));
  await vi.advanceTimersByTimeAsync(2100);
  expect((await agents).data).toEqual([]);
  vi.useRealTimers();
});

test('at the door nobody waits in silence: a throttled sign-in says so at once', async () => {
  answer({ 'POST /api/v1/auth/login': problem(429, 'rate_limited') });
  const body = { email: 'a@b.c', password: 'x' };
  await expect(unwrap(door.POST('/api/v1/auth/login', { body }))).rejects.toMatchObject({
    status: 429,
    code: 'rate_limited',
  });
});

test('an answer of a gateway that knows no problem+json still has a code', async () => {
  vi.stubGlobal('fetch', async () => new Response('<html>Bad Gateway</html>', { status: 502 }));
  const failed = await unwrap(app.GET('/api/v1/agents', {})).catch((error) => error);
  expect(failed).toBeInstanceOf(ApiError);
  expect(failed).toMatchObject({ status: 502, code: 'unavailable' });
});
