const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago, in few words: "just now", "5 min ago", "yesterday", and the date after a week.
 * A clock that is ahead of the server's must not say "in 3 seconds", so the future counts as now.
 */
export function relativeTime(at: string, now: number, language: string, justNow: string): string {
  const then = Date.parse(at);
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  if (seconds < MINUTE) return justNow;
  if (seconds < HOUR) return ago.format(-Math.floor(seconds / MINUTE), 'minute');
  if (seconds < DAY) return ago.format(-Math.floor(seconds / HOUR), 'hour');
  if (seconds < 7 * DAY) return ago.format(-Math.floor(seconds / DAY), 'day');
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then);
}

/** Day, month, year and time, for tooltips and properties. */
export function fullTime(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    Date.parse(at),
  );
}

/** Day, month and year. */
export function dateOnly(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(Date.parse(at));
}

/** A waiting time in words, rounded up: "45 sec", "12 min". */
export function duration(seconds: number, language: string): string {
  const [value, unit] = seconds < 90 ? [seconds, 'second'] : [seconds / MINUTE, 'minute'];
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: unit as string,
    unitDisplay: 'short',
  }).format(Math.max(1, Math.ceil(value as number)));
}
