import { expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { app, control, door, proveBy, speakAs, unwrap } from './client';
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

const KEYS = 'POST /api/v1/api-keys';
const wish = { name: 'Robot', scopes: ['tickets:read' as const] };
const makeKey = () => unwrap(control.POST('/api/v1/api-keys', { body: wish }));

test('what wants a fresh proof is sent once more, whole, when the proof was given', async () => {
  let proved = false;
  const asked = answer({
    [KEYS]: () => (proved ? { status: 201, body: { id: 1 } } : problem(403, 'step_up_required')),
  });
  const prove = vi.fn(async () => {
    proved = true;
    return true;
  });
  proveBy(prove);
  expect(await makeKey()).toEqual({ id: 1 });
  expect(prove).toHaveBeenCalledTimes(1);
  expect(asked.map(({ body }) => body)).toEqual([wish, wish]);
});

test('without a proof the refusal stands, and nothing is sent again', async () => {
  const asked = answer({ [KEYS]: problem(403, 'step_up_required') });
  proveBy(async () => false);
  await expect(makeKey()).rejects.toMatchObject({ code: 'step_up_required' });
  expect(asked).toHaveLength(1);
});

test('a request is repeated once at most, however often it is refused', async () => {
  const asked = answer({ [KEYS]: problem(403, 'step_up_required') });
  proveBy(async () => true);
  await expect(makeKey()).rejects.toMatchObject({ code: 'step_up_required' });
  expect(asked).toHaveLength(2);
});

test.each([
  [KEYS, problem(403, 'forbidden')],
  [KEYS, problem(401, 'unauthenticated')],
  ['POST /api/v1/auth/step-up/passkey/finish', problem(403, 'step_up_required')],
])('%s with another refusal asks nobody for a proof', async (route, refusal) => {
  answer({ [route]: refusal });
  const prove = vi.fn(async () => true);
  proveBy(prove);
  const call =
    route === KEYS
      ? makeKey()
      : unwrap(
          control.POST('/api/v1/auth/step-up/passkey/finish', {
            body: { ceremony: 'c', credential: {} },
          }),
        );
  await expect(call).rejects.toBeInstanceOf(ApiError);
  expect(prove).not.toHaveBeenCalled();
});

const ME = 'GET /api/v1/auth/me';

test('a proof that does not fit is shown once: no new token is fetched for it', async () => {
  const asked = answer({
    'POST /api/v1/auth/step-up': problem(401, 'unauthenticated'),
    [ME]: { body: {} },
  });
  const renew = vi.fn(async () => 'fresh');
  speakAs({ token: () => 'old', renew });
  const wrong = unwrap(control.POST('/api/v1/auth/step-up', { body: { code: '000000' } }));
  await expect(wrong).rejects.toMatchObject({ status: 401 });
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect(renew).not.toHaveBeenCalled();
  speakAs({ token: () => null, renew: async () => null });
});

const PROOFS = [
  ['/api/v1/auth/step-up', { password: 'mine' }],
  ['/api/v1/auth/password/change', { current_password: 'mine', new_password: 'another' }],
  ['/api/v1/auth/email/change', { email: 'a@b.test', password: 'mine' }],
  ['/api/v1/auth/2fa/disable', { password: 'mine', code: '123456' }],
] as const;

test.each(PROOFS)('a session that has ended is over at %s, too', async (path, body) => {
  const asked = answer({
    [`POST ${path}`]: problem(401, 'unauthenticated'),
    [ME]: problem(401, 'unauthenticated'),
  });
  const renew = vi.fn(async () => null);
  speakAs({ token: () => 'revoked', renew });
  const sent = unwrap(control.POST(path as '/api/v1/auth/step-up', { body }));
  await expect(sent).rejects.toMatchObject({ status: 401 });
  expect(renew).toHaveBeenCalledTimes(1);
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
  speakAs({ token: () => null, renew: async () => null });
});

test('a token that no longer counts is renewed, and the proof shown once more', async () => {
  const asked = answer({
    'POST /api/v1/auth/step-up': ({ headers }) =>
      headers.get('authorization') === 'Bearer fresh'
        ? { status: 204 }
        : problem(401, 'unauthenticated'),
    [ME]: problem(401, 'unauthenticated'),
  });
  speakAs({ token: () => 'old', renew: async () => 'fresh' });
  await unwrap(control.POST('/api/v1/auth/step-up', { body: { password: 'mine' } }));
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2);
  speakAs({ token: () => null, renew: async () => null });
});
