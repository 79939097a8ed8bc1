import { bytesOf, typedSize } from './megabytes';
import type { MediaSettings } from './types';

/** Bounds of the numbers, the same as the server's. */
export const BOUNDS = {
  files_per_user: [0, 1_000_000],
  uploads_a_day: [0, 100_000],
  access_log_months: [1, 120],
} as const;
/** Bytes of one person's files at most, the same as the server's. */
export const MOST_BYTES = 1024 ** 4;

export type Counted = keyof typeof BOUNDS;
/** What stands in the form; numbers as they are typed. */
export type Typed = Record<Counted | 'bytes_per_user', string>;

/** What stands in the form for these settings. */
export function typedOf(settings: MediaSettings, language: string): Typed {
  return {
    bytes_per_user: typedSize(settings.bytes_per_user, language),
    files_per_user: String(settings.files_per_user),
    uploads_a_day: String(settings.uploads_a_day),
    access_log_months: String(settings.access_log_months),
  };
}

/** The settings that were typed; null stands for what cannot be set. */
export function read(typed: Typed): Record<keyof MediaSettings, number | null> {
  const bytes = bytesOf(typed.bytes_per_user);
  const whole = (name: Counted) => {
    const [least, most] = BOUNDS[name];
    const text = typed[name].trim();
    const value = Number(text);
    return /^\d+$/.test(text) && value >= least && value <= most ? value : null;
  };
  return {
    bytes_per_user: bytes !== null && bytes <= MOST_BYTES ? bytes : null,
    files_per_user: whole('files_per_user'),
    uploads_a_day: whole('uploads_a_day'),
    access_log_months: whole('access_log_months'),
  };
}

/** What of it is another way than before: only that is sent, so that nobody's other change is undone. */
export function changed(
  before: MediaSettings,
  now: ReturnType<typeof read>,
): Partial<MediaSettings> {
  const names = Object.keys(now) as (keyof MediaSettings)[];
  return Object.fromEntries(
    names.filter((name) => now[name] !== before[name]).map((name) => [name, now[name]]),
  );
}

/** Whether two settings say the same. */
export function areSame(one: MediaSettings, other: MediaSettings): boolean {
  return (Object.keys(one) as (keyof MediaSettings)[]).every((name) => one[name] === other[name]);
}
