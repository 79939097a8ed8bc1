import type { Due } from './wayIn';

/** An address inside this site; anything else would be an open redirect. */
export function insideOnly(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined;
}

/**
 * What the organisation's own sign-in left in the address: what is still due, and where to go then.
 * It stands behind the `#`, which no server sees and no log keeps.
 */
export function broughtBack(hash: string): { due: Due | null; next?: string } {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const next = insideOnly(said.get('next'));
  for (const kind of ['challenge', 'enrolment'] as const) {
    const token = said.get(kind);
    if (token) return { due: { kind, token }, next };
  }
  return { due: null, next };
}
