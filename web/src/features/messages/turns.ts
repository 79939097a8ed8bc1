import type { Mode } from './drafts';

/** What is under way with a draft: what keeps it, and everything. */
type Turns = { keeping: Promise<unknown>; all: Promise<unknown> };

const turns = new Map<string, Turns>();

/** Keeps a draft after all that was begun before: sending a message forgets what was kept until then. */
export function afterAll<T>(ticketId: number, mode: Mode, keep: () => Promise<T>): Promise<T> {
  const kept = turnsOf(ticketId, mode).all.then(keep);
  const done = kept.catch(() => {});
  turns.set(nameOf(ticketId, mode), { keeping: done, all: done });
  return kept;
}

/** Sends a draft or gives it up after it is kept: what is kept later than that comes back. */
export function afterKeeping<T>(ticketId: number, mode: Mode, end: () => Promise<T>): Promise<T> {
  const { keeping, all } = turnsOf(ticketId, mode);
  const ended = keeping.then(end);
  const done = ended.catch(() => {});
  turns.set(nameOf(ticketId, mode), { keeping, all: Promise.all([all, done]) });
  return ended;
}

function turnsOf(ticketId: number, mode: Mode): Turns {
  const nothing = Promise.resolve();
  return turns.get(nameOf(ticketId, mode)) ?? { keeping: nothing, all: nothing };
}

function nameOf(ticketId: number, mode: Mode): string {
  return `${ticketId} ${mode}`;
}
