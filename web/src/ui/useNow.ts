import { useSyncExternalStore } from 'react';

/** All relative times of the page tick together, twice a minute. */
const TICK_MS = 30_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** The present, coarse on purpose: a list of 200 times must not draw itself every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
