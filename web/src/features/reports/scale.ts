/** The ends of an axis from nothing up: a round number that is at least as large, and the steps to it. */
export function axis(largest: number, steps = 4): { top: number; ticks: number[] } {
  const least = Math.max(1, largest) / steps;
  const power = 10 ** Math.floor(Math.log10(least));
  // Things are counted whole.
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= least) ?? 1);
  const whole = Math.ceil(step);
  const count = Math.max(1, Math.ceil(largest / whole));
  return { top: whole * count, ticks: Array.from({ length: count + 1 }, (_, n) => n * whole) };
}

/** Which of so many names stand below an axis of that length, so that none covers another. */
export function shownNames(count: number, width: number, each = 64): (place: number) => boolean {
  const most = Math.max(1, Math.floor(width / each));
  const every = Math.max(1, Math.ceil(count / most));
  return (place) => place % every === 0;
}
