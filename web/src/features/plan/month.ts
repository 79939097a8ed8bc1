/** When tickets are counted anew, in milliseconds: months are those of UTC. */
export function nextMonth(now: number): number {
  const at = new Date(now);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}

/** A day of UTC in words, as "1 December 2026": it is the same for all readers. */
export function dayOf(at: string | number, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(new Date(at));
}

/** The month of a day, as "November 2026". */
export function monthOf(day: string, language: string): string {
  const parts = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(language, parts).format(new Date(day));
}

/** From a day up to another one that is not in it, as "1 – 30 November 2026". */
export function daysOf(starts: string, ends: string, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const last = new Date(ends);
  last.setUTCDate(last.getUTCDate() - 1);
  return format.formatRange(new Date(starts), last);
}
