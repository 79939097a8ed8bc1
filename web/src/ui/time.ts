const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR * 1000;

/**
 * How long ago, in few words: "just now", "5 min ago", "yesterday", and the date after a week.
 * Hours belong to today: what was before midnight was yesterday, be it two hours ago.
 * A clock that is ahead of the server's must not say "in 3 seconds", so the future counts as now.
 */
export function relativeTime(at: string, now: number, language: string, justNow: string): string {
  const then = Date.parse(at);
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  if (seconds < MINUTE) return justNow;
  if (seconds < HOUR) return ago.format(-Math.floor(seconds / MINUTE), 'minute');
  const days = daysBetween(then, now);
  if (days === 0) return ago.format(-Math.floor(seconds / HOUR), 'hour');
  if (days < 7) return ago.format(-days, 'day');
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then);
}

/** How many midnights of the reader's own calendar lie between two moments. */
export function daysBetween(then: number, now: number): number {
  return Math.round((midnight(now) - midnight(then)) / DAY_MS);
}

/** The calendar day as a number. Counted in UTC, where every day is 24 hours long. */
function midnight(moment: number): number {
  const at = new Date(moment);
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
}

/** When a day of the reader's own calendar (`2026-11-20`) begins, `later` days after it. */
export function dayStart(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
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
