import { ApiError } from '~/api/problem';
import type { Migration } from '~/api/types';
import type { Tone } from '~/ui/Mark';
import type { Turn } from './queries';

export const TONES: Record<Migration['state'], Tone> = {
  running: 'busy',
  paused: 'near',
  stopped: 'bad',
  done: 'good',
};

/** Databases that a run has nothing more to do for. */
export function ended(run: Migration): number {
  return run.done + run.failed;
}

/** What may be done with a run; of an older one only the newest may go on. */
export function turnsOf(run: Migration, newest: boolean): Turn[] {
  if (run.state === 'running') return ['pause'];
  if (!newest) return [];
  const onwards: Turn[] = run.state === 'done' ? [] : ['resume'];
  return run.failed > 0 ? [...onwards, 'retry'] : onwards;
}

/** What was typed into the form, as it is; numbers still as text. */
export type Typed = { canaries: string; parallel: string; max_failures: string };

export const FIRST: Typed = { canaries: '', parallel: '4', max_failures: '1' };

/** Which fields are out of their range: the same ranges as the server's. */
export function faultsOf({ parallel, max_failures }: Typed): Partial<Record<keyof Typed, true>> {
  const [many, share] = [Number(parallel), Number(max_failures.replace(',', '.'))];
  return {
    ...(!(Number.isInteger(many) && many >= 1 && many <= 64) && { parallel: true as const }),
    ...(!(max_failures.trim() && share >= 0 && share <= 100) && { max_failures: true as const }),
  };
}

/** The fields that the server refused, of those that the form has. */
export function refused(error: unknown): (keyof Typed)[] {
  if (!(error instanceof ApiError)) return [];
  const names = error.fields.map(({ field }) => field);
  return (Object.keys(FIRST) as (keyof Typed)[]).filter((name) => names.includes(name));
}

/** Whether a run was refused because another one is held: whoever says so may have that one end. */
export function meetsHeld(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'migration_held';
}

/** What is asked of the server. Canaries stand one after the other, with commas, spaces or lines between. */
export function bodyOf({ canaries, parallel, max_failures }: Typed) {
  return {
    canaries: canaries.split(/[\s,;]+/).filter(Boolean),
    parallel: Number(parallel),
    max_failures: Number(max_failures.replace(',', '.')),
  };
}
