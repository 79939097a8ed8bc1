import { useSyncExternalStore } from 'react';

/** What is being written: an answer to the customer or a note among colleagues. */
export type Mode = 'reply' | 'note';
export type Draft = { mode: Mode; reply: string; note: string };

const EMPTY: Draft = { mode: 'reply', reply: '', note: '' };

/** By ticket, in memory: switching to another ticket and back loses nothing, and nothing is left on the disk. */
const drafts = new Map<number, Draft>();
/** What has been written here: the server's copy is older than that. */
const touched = new Set<string>();
const listeners = new Set<() => void>();

export function draftOf(ticketId: number): Draft {
  return drafts.get(ticketId) ?? EMPTY;
}

export function changeDraft(ticketId: number, change: Partial<Draft>): void {
  for (const mode of ['reply', 'note'] as const) {
    if (change[mode] !== undefined) touched.add(`${ticketId} ${mode}`);
  }
  become(ticketId, change);
}

/** Takes up what was written elsewhere or earlier, where nothing has been written here. */
export function restoreDraft(ticketId: number, kept: Record<Mode, string>): void {
  const free = (mode: Mode) => (touched.has(`${ticketId} ${mode}`) ? '' : kept[mode]);
  const [reply, note] = [free('reply'), free('note')];
  if (!reply && !note) return;
  become(ticketId, {
    ...(reply && { reply }),
    ...(note && { note }),
    // A note that was begun alone is shown, and not behind an empty reply.
    ...(note && !reply && !draftOf(ticketId).reply && { mode: 'note' }),
  });
}

/** Forgets everything, when somebody else may sit down at this screen. */
export function forgetDrafts(): void {
  drafts.clear();
  touched.clear();
  tell();
}

export function useDraft(ticketId: number): Draft {
  return useSyncExternalStore(subscribe, () => draftOf(ticketId));
}

function become(ticketId: number, change: Partial<Draft>): void {
  drafts.set(ticketId, { ...draftOf(ticketId), ...change });
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
