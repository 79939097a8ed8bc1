import type { Line, LiveState } from './stream';

/** What the leading tab tells the others; `ask` is how a newcomer learns the state of the line. */
export type Word = { line: Line } | { state: LiveState } | { gap: true } | { ask: true };

export type Tabs = { tell: (word: Word) => void; lead: (work: () => Promise<void>) => void };

const NAME = 'hd-live';

/**
 * One stream for all tabs of a browser: over HTTP/1.1 a browser opens six connections to a host,
 * and six streams would leave none for anything else. The tab that holds the lock leads and
 * tells the others; when it closes, the next one takes over.
 */
export function joinTabs(signal: AbortSignal, hear: (word: Word) => void): Tabs {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(NAME);
  channel?.addEventListener('message', (message: MessageEvent<Word>) => hear(message.data));
  signal.addEventListener('abort', () => channel?.close(), { once: true });
  return {
    tell: (word) => !signal.aborted && channel?.postMessage(word),
    lead: (work) => {
      const turn = navigator.locks ? navigator.locks.request(NAME, { signal }, work) : work();
      turn.catch((reason: unknown) => {
        // Leaving while still in the queue for the lock is no error.
        if (!signal.aborted) throw reason;
      });
    },
  };
}
