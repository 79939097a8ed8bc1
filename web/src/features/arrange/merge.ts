import { hashKey } from '@tanstack/react-query';

type Parts = Record<string, unknown>;

/** What was typed over what the server has now: others' changes show, one's own stay. Parts of parts are looked at, too. */
export function merged<T>(before: T, typed: T, server: T): T {
  if (same(before, typed)) return server;
  if (!isParts(before) || !isParts(typed) || !isParts(server)) return typed;
  const names = [...new Set([...Object.keys(server), ...Object.keys(typed)])];
  const parts = names.map((name) => [name, merged(before[name], typed[name], server[name])]);
  // What one of them has taken away is nowhere.
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined)) as T;
}

/** Whether both have changed the same, and not to the same. */
export function clashes(before: unknown, typed: unknown, server: unknown): boolean {
  if (same(before, typed) || same(before, server) || same(typed, server)) return false;
  if (!isParts(before) || !isParts(typed) || !isParts(server)) return true;
  const names = new Set([...Object.keys(before), ...Object.keys(typed), ...Object.keys(server)]);
  return [...names].some((name) => clashes(before[name], typed[name], server[name]));
}

/** Whether two things say the same, whatever the order of their parts. */
export function same(one: unknown, other: unknown): boolean {
  return hashKey([one]) === hashKey([other]);
}

function isParts(value: unknown): value is Parts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
