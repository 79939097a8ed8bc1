/** A stretch of a day, in minutes since midnight. */
export type Range = [from: number, to: number];

/** The stretches of each day, Monday first. */
export type Week = Range[][];

const DAY = 1440;

/** Nine to twelve and one to six, from Monday to Friday: where most begin. */
export const OFFICE: Week = [0, 1, 2, 3, 4, 5, 6].map((day) =>
  day < 5
    ? [
        [540, 720],
        [780, 1080],
      ]
    : [],
);

/** A minute of a day as a field for times has it; the end of the day stands there as its beginning. */
export function timeOf(minute: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

/** The minute that a field for times names; midnight as an end is the end of the day. */
export function minuteOf(time: string, end: boolean): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const minute = hours * 60 + minutes;
  return end && minute === 0 ? DAY : minute;
}

/** One more stretch for a day: an hour after the last one, or the morning. */
export function another(ranges: Range[]): Range[] {
  const last = ranges.at(-1)?.[1];
  if (last === undefined) return [[540, 1020]];
  const from = Math.min(last + 60, DAY - 60);
  return [...ranges, [from, Math.min(from + 180, DAY)]];
}

/** What is wrong with a day: its stretches go forwards, stand in order and do not touch. */
export function isSound(ranges: Range[]): boolean {
  return ranges.every(([from, to], index) => {
    const next = ranges[index + 1];
    return from < to && to <= DAY && (!next || to < next[0]);
  });
}

/** Which part of a day a stretch takes, for a picture of it. */
export function shareOf([from, to]: Range): { left: string; width: string } {
  const percent = (minutes: number) => `${(100 * minutes) / DAY}%`;
  return { left: percent(from), width: percent(Math.max(0, to - from)) };
}
