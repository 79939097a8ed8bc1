/** The longest promise in minutes, the same as the server's. */
export const LONGEST = 525_600;

/** "4h", "1 h 30", "45 min" and "90" in minutes; null for what is no time that can be promised. */
export function minutesOf(typed: string): number | null {
  const found = /^(?:(\d+)\s*h)?\s*(?:(\d+)\s*(?:m|min|mn)?)?$/i.exec(typed.trim());
  if (!found || (found[1] === undefined && found[2] === undefined)) return null;
  const minutes = Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
  return minutes >= 1 && minutes <= LONGEST ? minutes : null;
}

/** Minutes as one would type them. */
export function typedOf(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest}`;
}
