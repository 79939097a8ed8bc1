/** A number that has no value, as an average of nothing. */
export const NONE = '–';

/** A count, with the language's own separators. */
export function count(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** A share of 1 in hundredths: "97 %". Nothing is rounded to all or to nothing that is not. */
export function share(value: number | null | undefined, language: string): string {
  if (value === null || value === undefined) return NONE;
  const isNear = Math.abs(value - 0.5) > 0.49 && value !== 0 && value !== 1;
  const shown = isNear ? Math.min(0.999, Math.max(0.001, value)) : value;
  return new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: isNear ? 1 : 0,
  }).format(shown);
}

/** Points of five, with one digit behind the point. */
export function points(value: number | null | undefined, language: string): string {
  if (value === null || value === undefined) return NONE;
  const one = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, one).format(value);
}

/** Minutes in the two largest units that count: "3 min", "2 h 5 min", "4 d 3 h". */
export function span(minutes: number | null | undefined, language: string): string {
  if (minutes === null || minutes === undefined) return NONE;
  const whole = Math.round(minutes);
  const units = [
    [Math.floor(whole / 1440), 'day'],
    [Math.floor((whole % 1440) / 60), 'hour'],
    [whole % 60, 'minute'],
  ] as const;
  const first = units.findIndex(([value]) => value > 0);
  const shown = units.slice(first < 0 ? 2 : first).slice(0, 2);
  return shown
    .filter(([value], place) => value > 0 || (place === 0 && shown.length === 1))
    .map(([value, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value),
    )
    .join(' ');
}

/** How much more or less than before, in hundredths; nothing where there was nothing before. */
export function change(now: number, before: number, language: string): string | null {
  if (before === 0) return null;
  return new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  }).format((now - before) / before);
}

/** A day as the language writes it; the year stands there only where it is told. */
export function dayName(day: string, language: string, year = false): string {
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
    ...(year ? { year: 'numeric' } : {}),
  }).format(new Date(`${day}T00:00:00Z`));
}

/** A month as the language writes it. */
export function monthName(day: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${day}T00:00:00Z`));
}
