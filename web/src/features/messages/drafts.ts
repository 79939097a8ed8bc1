import { useSyncExternalStore } from 'react';

/** What is being written: an answer to the customer or a note among colleagues. */
export type Mode = 'reply' | 'note';
export type Draft = { mode: Mode; reply: string; note: string };

const EMPTY: Draft = { mode: 'reply', reply: '', note: '' };

/** By ticket, in memory: switching to another ticket and back loses nothing, and nothing is left on the disk. */
const drafts = new Map<number, Draft>();
const listeners = new Set<() => void>();

export function draftOf(ticketId: number): Draft {
  return drafts.get(ticketId) ?? EMPTY;
}

export function changeDraft(ticketId: number, change: Partial<Draft>): void {
  drafts.set(ticketId, { ...draftOf(ticketId), ...change });
  tell();
}

/** Forgets everything, when somebody else may sit down at this screen. */
export function forgetDrafts(): void {
  drafts.clear();
  tell();
}

export function useDraft(ticketId: number): Draft {
  return useSyncExternalStore(subscribe, () => draftOf(ticketId));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
