import { expect, test, vi } from 'vitest';
import { backOff, type Follow, follow, type Line, type LiveState } from './stream';

/** Follows a server that gives each of `replies` in turn, and stops after the last. */
async function listenTo(replies: (() => Response)[], lastId: string | null = null) {
  const end = new AbortController();
  const lines: Line[] = [];
  const states: LiveState[] = [];
  const asked: Headers[] = [];
  const opened: boolean[] = [];
  const pauses: number[] = [];
  let at = lastId;
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const reply = replies.shift();
    if (replies.length === 0) end.abort();
    return (reply ?? (() => new Response(null, { status: 503 })))();
  });
  const options: Follow = {
    url: '/api/v1/live',
    token: () => 'old',
    renew: async () => 'new',
    lastId: () => at,
    onOpen: (resumed) => opened.push(resumed),
    onLine: (line) => {
      lines.push(line);
      at = line.id ?? at;
    },
    onState: (state) => states.push(state),
    signal: end.signal,
    pause: async (ms) => {
      pauses.push(ms);
    },
  };
  await follow(options);
  return { lines, states, asked, opened, pauses };
}

const says = (text: string) => () =>
  new Response(text, { headers: { 'content-type': 'text/event-stream' } });
const fails = (status: number) => () => new Response(null, { status });

test('lines come with their kind and id, and heartbeats are no lines', async () => {
  const { lines } = await listenTo([
    says(': beat\n\nid: a1\nevent: ticket\ndata: {"ticket_id":7}\n\n'),
    fails(503),
  ]);
  expect(lines).toEqual([{ id: 'a1', event: 'ticket', data: '{"ticket_id":7}' }]);
});

test('after an interruption the stream goes on where it ended', async () => {
  const { asked, opened } = await listenTo([
    says('id: a1\nevent: ticket\ndata: {}\n\n'),
    says(': beat\n\n'),
    fails(503),
  ]);
  expect(asked[0]?.get('last-event-id')).toBeNull();
  expect(asked[1]?.get('last-event-id')).toBe('a1');
  expect(opened).toEqual([false, true]);
});

test('an ended token is renewed once, without counting as a failure', async () => {
  const { asked, states } = await listenTo([fails(401), says(': beat\n\n'), fails(503)]);
  expect(asked[1]?.get('authorization')).toBe('Bearer new');
  expect(states.slice(0, 2)).toEqual(['connecting', 'live']);
});

test.each([
  ['retry: 7000\n\n', 7000],
  ['retry: 86400000\n\n', 30_000],
])('a server that ends a stream says when to come back: %j', async (last, waits) => {
  const { states, pauses } = await listenTo([says(last), says(': beat\n\n'), fails(503)]);
  expect(states.slice(0, 2)).toEqual(['connecting', 'live']);
  expect(pauses[0]).toBe(waits);
});

test('a server that refuses is a lost line, until it answers again', async () => {
  const { states } = await listenTo([fails(503), says(': beat\n\n'), fails(503)]);
  expect(states.slice(0, 3)).toEqual(['connecting', 'lost', 'live']);
});

test.each([
  ['30', 30_000, 37_500],
  ['86400', 600_000, 750_000],
  ['soon', 500, 1000],
])('too many streams of one person wait as long as the server asks: %s', async (...row) => {
  const [after, least, most] = row;
  const crowded = () => new Response(null, { status: 429, headers: { 'retry-after': after } });
  const { states, pauses } = await listenTo([crowded, says(': beat\n\n'), fails(503)]);
  expect(states.slice(0, 3)).toEqual(['connecting', 'crowded', 'live']);
  expect(pauses[0]).toBeGreaterThanOrEqual(least);
  expect(pauses[0]).toBeLessThanOrEqual(most);
});

test('waiting grows to half a minute at most, and half of it is chance', () => {
  expect(backOff(1, 0)).toBe(500);
  expect(backOff(1, 1)).toBe(1000);
  expect(backOff(50, 1)).toBe(30_000);
  expect(backOff(50, 0)).toBe(15_000);
});
