const MEBIBYTE = 1024 * 1024;

/** A number of bytes as it is typed, in mebibytes: every byte of it comes back. */
export function typedSize(bytes: number, language: string): string {
  return new Intl.NumberFormat(language, {
    useGrouping: false,
    maximumFractionDigits: 7,
  }).format(bytes / MEBIBYTE);
}

/** The bytes of what was typed in mebibytes; null where that is no number. */
export function bytesOf(typed: string): number | null {
  const plain = typed.replace(/\s/g, '').replace(',', '.');
  return /^\d+(\.\d*)?$/.test(plain) ? Math.round(Number(plain) * MEBIBYTE) : null;
}

/** A number of bytes as it is read, in mebibytes; `unit` is their sign. */
export function saidSize(bytes: number, language: string, unit: string): string {
  const value = bytes / MEBIBYTE;
  const number = new Intl.NumberFormat(language, {
    // What is small is not said to be nothing.
    ...(value < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 1 }),
  }).format(value);
  return `${number}\u00a0${unit}`;
}
