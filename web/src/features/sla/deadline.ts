import type { Ticket } from '~/api/types';

export type Sla = NonNullable<Ticket['sla']>;
export type Clock = Sla['response'];
export type Which = 'response' | 'resolution';

/** What presses of a ticket: which of its clocks, and the seconds until it is due, negative once it is late. */
export type Deadline = { which: Which; seconds: number; late: boolean };

/** So little is left of a target when the server warns of it, too. */
const NEAR = 0.2;

/** The next deadline of a ticket; none while everything pauses or is done. */
export function deadline(sla: Sla | null | undefined, now: number): Deadline | null {
  if (!sla) return null;
  const open = (['response', 'resolution'] as const).flatMap((which) => {
    const clock = sla[which];
    if (clock.met_at || !clock.due_at) return [];
    const seconds = Math.floor((Date.parse(clock.due_at) - now) / 1000);
    return [{ which, seconds, late: seconds <= 0 }];
  });
  return open.toSorted((a, b) => a.seconds - b.seconds)[0] ?? null;
}

/** Whether a deadline is worth a word in a list: it is late, or nearly. */
export function presses(due: Deadline, sla: Sla): boolean {
  return due.late || due.seconds <= sla[due.which].target_minutes * 60 * NEAR;
}

/** How long, in the one unit that says enough: "45 min", "3 hr", "2 days". */
export function span(seconds: number, language: string): string {
  const whole = Math.abs(seconds);
  const [value, unit] =
    whole < 90 * 60
      ? [Math.ceil(whole / 60), 'minute']
      : whole < 48 * 3600
        ? [Math.round(whole / 3600), 'hour']
        : [Math.round(whole / 86_400), 'day'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.max(1, value),
  );
}
