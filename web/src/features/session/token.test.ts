import { beforeEach, expect, test, vi } from 'vitest';
import { app, speakAs, unwrap } from '~/api/client';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { forget, keep, onRenewal, renew, token } from './token';

const REFRESH = 'POST /api/v1/auth/refresh';

beforeEach(() => {
  forget();
  onRenewal(() => {});
});

test('whoever asks for a token while one is being fetched waits for that one', async () => {
  const asked = answer({ [REFRESH]: { body: loginOf(lea) } });
  const tokens = await Promise.all([renew(), renew(), renew()]);
  expect(tokens).toEqual(['token-of-2', 'token-of-2', 'token-of-2']);
  expect(asked).toHaveLength(1);
});

test('after it has come, the next renewal asks again', async () => {
  const asked = answer({ [REFRESH]: { body: loginOf(lea) } });
  await renew();
  await renew();
  expect(asked).toHaveLength(2);
});

test('a refused renewal ends the session, and says so', async () => {
  const heard = vi.fn();
  onRenewal(heard);
  keep(loginOf(lea));
  answer({ [REFRESH]: problem(401, 'unauthenticated') });
  expect(await renew()).toBeNull();
  expect(token()).toBeNull();
  expect(heard).toHaveBeenCalledWith('signed_out');
});

test.each([
  ['a server that is restarting', problem(503, 'unavailable')],
  ['no network', 'no network' as const],
])('%s does not end the session', async (_name, reply) => {
  const heard = vi.fn();
  onRenewal(heard);
  keep(loginOf(lea));
  answer({ [REFRESH]: reply });
  await expect(renew()).rejects.toThrow();
  expect(token()).toBe('token-of-2');
  expect(heard).not.toHaveBeenCalled();
});

test('a token is renewed a minute before it ends', async () => {
  vi.useFakeTimers();
  const asked = answer({ [REFRESH]: { body: loginOf(lea) } });
  keep(loginOf(lea));
  await vi.advanceTimersByTimeAsync(839_000);
  expect(asked).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveLength(1);
  vi.useRealTimers();
});

test('two requests that meet an ended token share one renewal, and both succeed', async () => {
  let good = 'token-of-2';
  const asked = answer({
    [REFRESH]: () => ({ body: { ...loginOf(lea), access_token: good } }),
    'GET /api/v1/agents': ({ headers }) =>
      headers.get('authorization') === 'Bearer fresh' ? page([lea]) : problem(401, 'token_expired'),
  });
  keep(loginOf(lea));
  speakAs({ token, renew });
  good = 'fresh';
  const agents = () => unwrap(app.GET('/api/v1/agents', {}));
  const [one, two] = await Promise.all([agents(), agents()]);
  expect(one.data).toEqual(two.data);
  expect(asked.filter(({ path }) => path.endsWith('/refresh'))).toHaveLength(1);
});
