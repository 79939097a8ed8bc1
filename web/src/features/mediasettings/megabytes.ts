const MEGABYTE = 1024 * 1024;

/** A number of bytes as it is typed, in megabytes: every byte of it comes back. */
export function typedSize(bytes: number, language: string): string {
  return new Intl.NumberFormat(language, {
    useGrouping: false,
    maximumFractionDigits: 7,
  }).format(bytes / MEGABYTE);
}

/** The bytes of what was typed in megabytes; null where that is no number. */
export function bytesOf(typed: string): number | null {
  const plain = typed.replace(/\s/g, '').replace(',', '.');
  return /^\d+(\.\d*)?$/.test(plain) ? Math.round(Number(plain) * MEGABYTE) : null;
}
