import { useTranslation } from 'react-i18next';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
/** Each unit has so many of the one before it, as the bounds of files are counted. */
const STEP = 1024;

/** A number of bytes in the largest unit that leaves it at one or more. */
export function sizeIn(bytes: number, language: string): string {
  let [value, unit] = [bytes, 0];
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[unit],
    // The short word for several bytes is "byte" in English.
    unitDisplay: unit === 0 && language.startsWith('en') ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** The same in the person's language. */
export function useSize(): (bytes: number) => string {
  const { i18n } = useTranslation();
  return (bytes) => sizeIn(bytes, i18n.language);
}
