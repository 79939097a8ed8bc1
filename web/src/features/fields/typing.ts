import { useSyncExternalStore } from 'react';
import { currentPerson, subscribe as onSession } from '../session/session';
import type { Value } from './values';

/**
 * What somebody has typed at a ticket and not saved, by the server's names of the fields. `before`
 * is what the field had when the typing began: whoever changes it meanwhile must not be undone unseen.
 */
export type Typing = Record<string, { now: Value; before: Value }>;

const NOTHING: Typing = {};

/** By ticket, in memory: switching to another ticket or closing the panel loses nothing. */
const typings = new Map<number, Typing>();
const listeners = new Set<() => void>();

let person = currentPerson();
onSession(() => {
  if (currentPerson() !== person) forgetTyping();
  person = currentPerson();
});

export function useTyping(ticketId: number): Typing {
  return useSyncExternalStore(subscribe, () => typings.get(ticketId) ?? NOTHING);
}

/** Notes what now stands in a field, of which the server has `server`; back at that, it is not typed in. */
export function typeIn(ticketId: number, field: string, now: Value, server: Value): void {
  const { [field]: entry, ...others } = typings.get(ticketId) ?? NOTHING;
  const before = entry ? entry.before : server;
  become(ticketId, isSame(now, server) ? others : { ...others, [field]: { now, before } });
}

/** Forgets what is saved; what was typed during the saving stays. */
export function settle(ticketId: number, saved: Typing): void {
  const left = Object.entries(typings.get(ticketId) ?? NOTHING).flatMap(
    ([field, { now, before }]): [string, Typing[string]][] => {
      const sent = saved[field];
      if (!sent) return [[field, { now, before }]];
      return isSame(sent.now, now) ? [] : [[field, { now, before: sent.now }]];
    },
  );
  become(ticketId, Object.fromEntries(left));
}

/** Gives up what was typed at a ticket. */
export function giveUp(ticketId: number): void {
  become(ticketId, NOTHING);
}

/** Forgets everything, because somebody else may sit down at this screen. */
export function forgetTyping(): void {
  typings.clear();
  tell();
}

/** The fields that were typed in and that somebody else has set to something else since. */
export function overtaken(typing: Typing, server: Record<string, Value>): string[] {
  return Object.entries(typing)
    .filter(([field, { now, before }]) => {
      const there = server[field];
      return !isSame(there, before) && !isSame(there, now);
    })
    .map(([field]) => field);
}

function isSame(one: Value, other: Value): boolean {
  return wordsOf(one) === wordsOf(other);
}

/** A field that has nothing is as one that is empty; the order of choices says nothing. */
function wordsOf(value: Value): string {
  return Array.isArray(value) ? value.toSorted().join('\n') : (value ?? '');
}

function become(ticketId: number, typing: Typing): void {
  if (Object.keys(typing).length > 0) typings.set(ticketId, typing);
  else typings.delete(ticketId);
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
