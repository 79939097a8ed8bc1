/** Ways to say until when, in the order in which they are offered. */
export const PRESETS = ['hours', 'tomorrow', 'monday', 'week'] as const;
export type Preset = (typeof PRESETS)[number];

/** The hour at which a day's work begins here, where only a day was said. */
const MORNING = 9;

/** When a preset ends, by the clock of whoever chooses it. */
export function endOf(preset: Preset, now: Date): Date {
  if (preset === 'hours') return new Date(now.getTime() + 3 * 3_600_000);
  const days = preset === 'tomorrow' ? 1 : preset === 'week' ? 7 : (8 - now.getDay()) % 7 || 7;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
}

/** A moment as a field for date and time has it: local, without seconds. */
export function typedOf(at: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
