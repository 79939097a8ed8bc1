import { vi } from 'vitest';

export type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: Headers;
};
type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | 'no network';

/** Answers the page's requests from a table such as `'GET /api/v1/tickets'`; returns what was asked. */
export function answer(
  table: Record<string, Reply | ((asked: Asked) => Reply | Promise<Reply>)>,
): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (input: Request) => {
    const { pathname, searchParams } = new URL(input.url);
    const text = await input.text();
    const one = {
      method: input.method,
      path: pathname,
      query: searchParams,
      body: readable(text),
      headers: input.headers,
    };
    const found = table[`${input.method} ${pathname}`];
    // A page tells by itself that somebody is there: only tests that answer it look at it.
    if (found !== undefined || !pathname.endsWith('/presence')) asked.push(one);
    const reply = typeof found === 'function' ? await found(one) : found;
    if (reply === 'no network') throw new TypeError('network');
    const { status = 200, body, headers } = reply ?? { ...problem(404, 'not_found') };
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: {
        'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        ...headers,
      },
    });
  });
  return asked;
}

/** JSON as what it says, anything else as it is: a part of a file. */
function readable(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return text;
  }
}

/** A refusal as the API words it. */
export function problem(status: number, code: string) {
  return {
    status,
    body: { type: 'about:blank', title: code, status, code, detail: code, request_id: 'r-1' },
  };
}

/** One page of a list. */
export function page<T>(data: T[], total?: number) {
  return { body: { data, page: { next_cursor: null, limit: 50, total } } };
}
