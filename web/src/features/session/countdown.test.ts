import { act, renderHook } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '~/api/problem';
import { clock, secondsUntil, useWait } from './countdown';

const refusal = (seconds: number | null) =>
  new ApiError(429, 'rate_limited', '', null, [], seconds);

afterEach(() => vi.useRealTimers());

test.each([
  [0, '0:00'],
  [5, '0:05'],
  [65, '1:05'],
  [900, '15:00'],
  [3600, '1:00:00'],
  [86_399, '23:59:59'],
])('%d seconds are shown as %s', (seconds, words) => {
  expect(clock(seconds)).toBe(words);
});

test('a second that has begun still counts, and what is over is never negative', () => {
  expect(secondsUntil(10_001, 10_000)).toBe(1);
  expect(secondsUntil(10_000, 10_000)).toBe(0);
  expect(secondsUntil(9000, 10_000)).toBe(0);
});

test('a wait runs out second by second, and stays at nothing', () => {
  vi.useFakeTimers();
  const error = refusal(3);
  const { result } = renderHook(() => useWait(error));
  expect(result.current).toBe(3);
  act(() => vi.advanceTimersByTime(1000));
  expect(result.current).toBe(2);
  act(() => vi.advanceTimersByTime(9000));
  expect(result.current).toBe(0);
});

test('a second refusal begins a wait of its own', () => {
  vi.useFakeTimers();
  const { result, rerender } = renderHook(({ error }) => useWait(error), {
    initialProps: { error: refusal(2) },
  });
  act(() => vi.advanceTimersByTime(5000));
  expect(result.current).toBe(0);
  rerender({ error: refusal(60) });
  expect(result.current).toBe(60);
});

test.each([
  ['no refusal', null],
  ['another refusal', new ApiError(401, 'unauthenticated', '', null, [], 60)],
  ['a refusal that names no time', refusal(null)],
])('%s asks for no wait', (_name, error) => {
  expect(renderHook(() => useWait(error)).result.current).toBe(0);
});
