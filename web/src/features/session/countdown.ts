import { useEffect, useState } from 'react';
import { ApiError } from '~/api/problem';

/** Whole seconds from `now` until `end`, rounded up, so that zero means that it is over. */
export function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/** Seconds as a clock shows them: "0:05", "12:30", "1:00:00". */
export function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** Seconds that a refusal still asks to wait; 0 when it asks for nothing or the wait is over. */
export function useWait(error: unknown): number {
  const asked = error instanceof ApiError && error.status === 429 ? error.retryAfter : null;
  const [wait, setWait] = useState<{ error: unknown; end: number } | null>(null);
  const [now, setNow] = useState(Date.now);
  const end = wait?.error === error ? wait?.end : undefined;
  useEffect(() => {
    if (asked === null) return;
    const until = Date.now() + asked * 1000;
    setWait({ error, end: until });
    setNow(Date.now());
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= until) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [error, asked]);
  if (asked === null) return 0;
  return secondsUntil(end ?? now + asked * 1000, now);
}
