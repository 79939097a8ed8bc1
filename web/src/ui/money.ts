/** Digits behind the point of a currency: two for euros, none for yen. */
export function digitsOf(currency: string): number {
  // Whatever is no code of a currency yet, as while it is typed, is taken for one with cents.
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount in minor units, as the language writes it: "€49.00", "49,00 €". */
export function money(minor: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(
    minor / 10 ** digitsOf(currency),
  );
}

/**
 * What was typed, in units of 10 to the power of `-digits`: "49", "49.9" and "49,90" are 4900, 4990
 * and 4990 of two digits. Nothing when it is no such number, or none that is counted exactly.
 */
export function minorOf(typed: string, digits: number): number | undefined {
  const found = /^([-−]?)(\d{1,15})(?:[.,](\d*))?$/.exec(
    typed.trim().replace(/[\s\u00a0\u202f]/g, ''),
  );
  if (!found) return undefined;
  const [, sign, whole, part = ''] = found;
  if (part.length > digits) return undefined;
  const value = Number(`${whole}${part.padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(value)) return undefined;
  return sign && value > 0 ? -value : value;
}

/** The way back, as one may type it: 4990 of two digits is "49.90", 5000 of three without `fixed` is "5". */
export function typedOf(value: number, digits: number, fixed = true): string {
  const text = String(Math.abs(value)).padStart(digits + 1, '0');
  const cut = text.length - digits;
  const part = fixed ? text.slice(cut) : text.slice(cut).replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${text.slice(0, cut)}${part ? `.${part}` : ''}`;
}
