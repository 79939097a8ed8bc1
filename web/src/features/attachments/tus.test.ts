import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer } from '~/testing/api';
import { aFile } from '~/testing/files';
import { lea, loginOf } from '~/testing/people';
import { welcome } from '../session/session';
import { remembered } from './remembered';
import { type Hear, sendFile } from './tus';

type Reply = { status: number; headers?: Record<string, string>; body?: string } | 'cut';
type Asked = { method: string; url: string; headers: Record<string, string>; bytes: number };

/** A server of the protocol that answers in turn; what it was asked stands in `asked`. */
function server(replies: Reply[]): { stack: HttpStack; asked: Asked[] } {
  const asked: Asked[] = [];
  const createRequest = (method: string, url: string): HttpRequest => {
    const one: Asked = { method, url: new URL(url).pathname, headers: {}, bytes: 0 };
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => {
        one.headers[name] = value;
      },
      getHeader: (name) => one.headers[name],
      setProgressHandler: () => {},
      send: async (body) => {
        one.bytes = body?.size ?? 0;
        asked.push(one);
        const reply = replies.shift() ?? { status: 500 };
        if (reply === 'cut') throw new Error('cut');
        return answered(reply);
      },
      abort: async () => {},
      getUnderlyingObject: () => null,
    };
  };
  return { stack: { createRequest, getName: () => 'test' }, asked };
}

function answered({ status, headers = {}, body = '' }: Exclude<Reply, 'cut'>): HttpResponse {
  return {
    getStatus: () => status,
    getHeader: (name) => headers[name],
    getBody: () => body,
    getUnderlyingObject: () => null,
  };
}

const CREATED = { status: 201, headers: { Location: '/api/v1/uploads/u1' } };
const at = (offset: number, id?: number) => ({
  'Upload-Offset': String(offset),
  'Upload-Length': '2048',
  ...(id && { 'Attachment-Id': String(id) }),
});
const refusal = (status: number, code: string, headers = {}) => ({
  status,
  headers,
  body: JSON.stringify({ code, status }),
});

/** Sends a file of 2048 bytes, and tells what became of it. */
function sending(replies: Reply[]) {
  const { stack, asked } = server(replies);
  const heard: string[] = [];
  let over: (how: string) => void = () => {};
  const end = new Promise<string>((resolve) => {
    over = resolve;
  });
  const hear: Hear = {
    onSent: (bytes) => heard.push(`sent ${bytes}`),
    onWait: () => heard.push('wait'),
    onDone: (id) => over(`done ${id}`),
    onFail: ({ code }) => over(`failed ${code}`),
  };
  const metadata = { filename: 'photo é.png', ticket_id: '7' };
  const one = sendFile({ file: aFile(), fingerprint: 'f', metadata, stack }, hear);
  return { asked, heard, one, end, steps: () => asked.map(({ method }) => method) };
}

beforeEach(() => {
  localStorage.clear();
  welcome(loginOf(lea));
});

test('a file is announced, sent in one piece with the session’s token, and known by its id', async () => {
  const { asked, heard, end } = sending([CREATED, { status: 204, headers: at(2048, 42) }]);
  expect(await end).toBe('done 42');
  const [post, patch] = asked;
  expect(post?.url).toBe('/api/v1/uploads');
  expect(post?.headers['Upload-Length']).toBe('2048');
  expect(post?.headers['Upload-Metadata']).toBe(
    `filename ${btoa('photo Ã©.png')},ticket_id ${btoa('7')}`,
  );
  expect(patch).toMatchObject({ method: 'PATCH', url: '/api/v1/uploads/u1', bytes: 2048 });
  expect(patch?.headers).toMatchObject({
    Authorization: 'Bearer token-of-2',
    'Upload-Offset': '0',
    'Tus-Resumable': '1.0.0',
  });
  expect(heard.at(-1)).toBe('sent 2048');
  expect(await remembered.findUploadsByFingerprint('f')).toEqual([]);
});

test('after the line was cut it goes on from where the server is', async () => {
  const { asked, heard, end, steps } = sending([
    CREATED,
    'cut',
    { status: 200, headers: at(1024) },
    { status: 204, headers: at(2048, 42) },
  ]);
  expect(await end).toBe('done 42');
  expect(steps()).toEqual(['POST', 'PATCH', 'HEAD', 'PATCH']);
  expect(asked[3]).toMatchObject({ bytes: 1024, headers: { 'Upload-Offset': '1024' } });
  expect(heard).toContain('wait');
});

test('what was begun before the page was loaded anew goes on when the file is chosen again', async () => {
  const url = `${window.location.origin}/api/v1/uploads/u1`;
  await remembered.addUpload('f', { uploadUrl: url } as never);
  const { asked, end, steps } = sending([
    { status: 200, headers: at(2000) },
    { status: 204, headers: at(2048, 42) },
  ]);
  expect(await end).toBe('done 42');
  expect(steps()).toEqual(['HEAD', 'PATCH']);
  expect(asked[1]?.bytes).toBe(48);
});

test('what was sent as a whole is known without sending it again', async () => {
  const url = `${window.location.origin}/api/v1/uploads/u1`;
  await remembered.addUpload('f', { uploadUrl: url } as never);
  const { end, steps } = sending([{ status: 200, headers: at(2048, 42) }]);
  expect(await end).toBe('done 42');
  expect(steps()).toEqual(['HEAD']);
});

test('an upload that has ended begins anew', async () => {
  const { end, steps } = sending([
    CREATED,
    refusal(410, 'gone'),
    refusal(410, 'gone'),
    CREATED,
    { status: 204, headers: at(2048, 42) },
  ]);
  expect(await end).toBe('done 42');
  expect(steps()).toEqual(['POST', 'PATCH', 'HEAD', 'POST', 'PATCH']);
});

test('a server that is busy does not make the file begin anew', async () => {
  const { end, steps } = sending([
    CREATED,
    'cut',
    refusal(503, 'unavailable'),
    { status: 200, headers: at(1024) },
    { status: 204, headers: at(2048, 42) },
  ]);
  expect(await end).toBe('done 42');
  expect(steps()).toEqual(['POST', 'PATCH', 'HEAD', 'HEAD', 'PATCH']);
});

test('a server that fails again and again ends it, and another try goes on from where it was', async () => {
  vi.useFakeTimers();
  const fault = refusal(500, 'internal');
  const turn = [fault, { status: 200, headers: at(1024) }];
  const { end, steps } = sending([CREATED, ...turn, ...turn, ...turn, ...turn, ...turn, fault]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await end).toBe('failed internal');
  const patches = steps().filter((method) => method === 'PATCH').length;
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(steps().filter((method) => method === 'PATCH')).toHaveLength(patches);
  vi.useRealTimers();
  const again = sending([
    { status: 200, headers: at(1024) },
    { status: 204, headers: at(2048, 42) },
  ]);
  expect(await again.end).toBe('done 42');
  expect(again.steps()).toEqual(['HEAD', 'PATCH']);
});

test('a server that is busy for good ends it, too', async () => {
  vi.useFakeTimers();
  const busy = refusal(503, 'unavailable', { 'Retry-After': '1' });
  const { end, steps } = sending(Array.from({ length: 9 }, () => busy));
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(await end).toBe('failed unavailable');
  expect(steps()).toHaveLength(5);
  vi.useRealTimers();
});

test('a token that has run out is renewed, once', async () => {
  answer({ 'POST /api/v1/auth/refresh': { body: { ...loginOf(lea), access_token: 'fresh' } } });
  const unauthenticated = refusal(401, 'token_expired');
  const good = sending([unauthenticated, CREATED, { status: 204, headers: at(2048, 42) }]);
  expect(await good.end).toBe('done 42');
  expect(good.asked.map(({ headers }) => headers.Authorization)).toEqual([
    'Bearer token-of-2',
    'Bearer fresh',
    'Bearer fresh',
  ]);
  const bad = sending([unauthenticated, unauthenticated]);
  expect(await bad.end).toBe('failed token_expired');
});

test.each([
  [415, 'file_type_blocked'],
  [415, 'content_mismatch'],
  [413, 'quota_exceeded'],
  [409, 'ticket_closed'],
  [404, 'not_found'],
])('a refusal with %i %s is the end, and nothing of it is remembered', async (status, code) => {
  const { end, steps } = sending([refusal(status, code)]);
  expect(await end).toBe(`failed ${code}`);
  expect(steps()).toEqual(['POST']);
  const late = sending([CREATED, refusal(415, 'content_mismatch')]);
  expect(await late.end).toBe('failed content_mismatch');
  expect(await remembered.findUploadsByFingerprint('f')).toEqual([]);
});

test('who sends too fast waits as long as the server says, and not shorter', async () => {
  vi.useFakeTimers();
  const tooFast = refusal(429, 'rate_limited', { 'Retry-After': '7' });
  const { steps, heard, end } = sending([tooFast, CREATED, { status: 204, headers: at(2048, 42) }]);
  await vi.advanceTimersByTimeAsync(6900);
  expect(steps()).toEqual(['POST']);
  expect(heard).toContain('wait');
  await vi.advanceTimersByTimeAsync(200);
  expect(await end).toBe('done 42');
  vi.useRealTimers();
});

test('however long the line is gone, the file is not given up', async () => {
  vi.useFakeTimers();
  const cuts = Array.from({ length: 9 }, () => 'cut' as const);
  const { end } = sending([...cuts, CREATED, { status: 204, headers: at(2048, 42) }]);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(await end).toBe('done 42');
  vi.useRealTimers();
});

test('without a line it waits, and goes on as soon as there is one', async () => {
  const { stack, asked } = server([CREATED, { status: 204, headers: at(2048, 42) }]);
  const heard: string[] = [];
  let over = () => {};
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  const hear = { onSent: () => {}, onWait: () => heard.push('wait'), onDone: over, onFail: over };
  sendFile({ file: aFile(), fingerprint: 'f', metadata: {}, stack }, hear as never);
  window.dispatchEvent(new Event('offline'));
  expect(heard).toEqual(['wait']);
  window.dispatchEvent(new Event('online'));
  await done;
  expect(asked.at(-1)?.method).toBe('PATCH');
});

test('what is cancelled is forgotten by the server and here', async () => {
  const never = new Promise<never>(() => {});
  const { stack, asked } = server([CREATED, { status: 204 }]);
  const create = stack.createRequest.bind(stack);
  const slow: HttpStack = {
    getName: () => 'slow',
    createRequest: (method, url) => {
      const request = create(method, url);
      return method === 'PATCH' ? { ...request, send: () => never } : request;
    },
  };
  const heard: string[] = [];
  const hear = new Proxy({} as Hear, { get: (_, name) => () => heard.push(String(name)) });
  const one = sendFile({ file: aFile(), fingerprint: 'f', metadata: {}, stack: slow }, hear);
  await vi.waitFor(async () =>
    expect(await remembered.findUploadsByFingerprint('f')).toHaveLength(1),
  );
  await one.cancel();
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /api/v1/uploads',
    'DELETE /api/v1/uploads/u1',
  ]);
  expect(await remembered.findUploadsByFingerprint('f')).toEqual([]);
  expect(heard.filter((name) => name === 'onDone' || name === 'onFail')).toEqual([]);
});
