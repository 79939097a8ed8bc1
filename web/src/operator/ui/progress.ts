import { useRef } from 'react';

/** Where something stood when it was first seen; `at` in milliseconds. */
export type Seen = { done: number; at: number };
type Now = Seen & { total: number };

/** Too short a look says nothing about the speed. */
const LOOK_MS = 3000;

/** From 0 to 1; what has no parts is done. */
export function share(done: number, total: number): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
}

/** Seconds that the rest takes at the speed seen so far; nothing as long as there is none. */
export function secondsLeft(seen: Seen, now: Now): number | undefined {
  const [moved, took] = [now.done - seen.done, now.at - seen.at];
  if (moved <= 0 || took < LOOK_MS || now.done >= now.total) return undefined;
  return ((now.total - now.done) * took) / moved / 1000;
}

/** Remembers where each of several things stood at first. One that begins anew, as with another step, is new. */
export function useSeen(): (key: string, done: number) => Seen {
  const seen = useRef(new Map<string, Seen>());
  return (key, done) => {
    const known = seen.current.get(key);
    if (known && known.done <= done) return known;
    const first = { done, at: Date.now() };
    seen.current.set(key, first);
    return first;
  };
}
