import { createParser } from 'eventsource-parser';

/** The server's heartbeat comes every 15 s; two missed and some, and the line counts as dead. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Nobody is sent away for longer than this, whatever the server's answer says. */
const LONGEST_RETRY_AFTER_S = 600;

/** `crowded`: the server stands, but this person has as many streams open as one may have. */
export type LiveState = 'connecting' | 'live' | 'lost' | 'crowded';

/** A line of the stream as it came. */
export type Line = { id: string | undefined; event: string | undefined; data: string };

export type Follow = {
  url: string;
  token: () => string | null;
  renew: () => Promise<string | null>;
  /** Where the stream goes on after an interruption; null for the present. */
  lastId: () => string | null;
  onOpen: (resumed: boolean) => void;
  onLine: (line: Line) => void;
  onState: (state: LiveState) => void;
  /** Ends the following for good. */
  signal: AbortSignal;
  /** Resolves early when somebody wants it tried now. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Follows the live stream until `signal`. It reads with fetch, not EventSource, because the token
 * belongs in a header: an address ends up in logs.
 */
export async function follow(options: Follow): Promise<void> {
  const pause = options.pause ?? wait;
  let failures = 0;
  options.onState('connecting');
  while (!options.signal.aborted) {
    try {
      const asked = await readOnce(options, () => {
        failures = 0;
        options.onState('live');
      });
      // A stream ends when its token does, or when the server restarts. That is no failure: the
      // next one follows when the server asked for it, so that not all tabs come back at once.
      await pause(asked ?? FIRST_WAIT_MS * Math.random(), options.signal);
    } catch (problem) {
      if (options.signal.aborted) return;
      failures += 1;
      const crowded = problem instanceof Crowded;
      options.onState(crowded ? 'crowded' : 'lost');
      const asked = crowded ? problem.retryAfterMs * (1 + Math.random() / 4) : 0;
      await pause(Math.max(asked, backOff(failures)), options.signal);
    }
  }
}

/** Grows up to half a minute; half of it is chance, so that clients do not come back in step. */
export function backOff(failures: number, chance: number = Math.random()): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
  return longest / 2 + (longest / 2) * chance;
}

/** The server's answer that this person follows too many streams already, and when to ask again. */
class Crowded extends Error {
  constructor(readonly retryAfterMs: number) {
    super('live stream: 429');
  }

  static from(response: Response): Crowded {
    const seconds = Number(response.headers.get('retry-after'));
    const within = Math.min(Math.max(seconds || 0, 0), LONGEST_RETRY_AFTER_S);
    return new Crowded(within * 1000);
  }
}

/** Reads to the end of one stream; the wait before the next one that the server asked for, if any. */
async function readOnce(options: Follow, opened: () => void): Promise<number | null> {
  let asked: number | null = null;
  const line = new AbortController();
  const stop = () => line.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  let watchdog = setTimeout(stop, SILENCE_MS);
  try {
    const body = await open(options, line.signal);
    opened();
    const parser = createParser({
      onEvent: ({ id, event, data }) => options.onLine({ id, event, data }),
      onRetry: (ms) => {
        asked = Math.min(ms, LONGEST_WAIT_MS);
      },
    });
    const reader = body.getReader();
    const text = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return asked;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      parser.feed(text.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener('abort', stop);
  }
}

async function open(options: Follow, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const lastId = options.lastId();
  const ask = (token: string | null) =>
    globalThis.fetch(options.url, {
      signal,
      cache: 'no-store',
      headers: {
        Accept: 'text/event-stream',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(lastId ? { 'Last-Event-ID': lastId } : {}),
      },
    });
  let response = await ask(options.token());
  if (response.status === 401) response = await ask(await options.renew());
  if (response.status === 429) throw Crowded.from(response);
  if (!response.ok || !response.body) throw new Error(`live stream: ${response.status}`);
  options.onOpen(lastId !== null);
  return response.body;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      window.removeEventListener('online', done);
      window.removeEventListener('hd-live-now', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    // The network is back, or somebody pressed "try now": no reason to wait any longer.
    window.addEventListener('online', done);
    window.addEventListener('hd-live-now', done);
  });
}
