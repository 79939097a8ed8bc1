/** What a key can be allowed to do; the same words as the server's. */
export const SCOPES = [
  'tickets:read',
  'tickets:write',
  'agents:read',
  'members:read',
  'members:write',
  'settings:read',
  'settings:write',
  'audit:read',
] as const;
export type Scope = (typeof SCOPES)[number];

/** For how many days a key is good; none: until it is revoked. */
export const LIFETIMES = ['30', '90', '365', 'never'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

/** When a key made now ends. */
export function endOf(lifetime: Lifetime, now: number): string | undefined {
  if (lifetime === 'never') return undefined;
  return new Date(now + Number(lifetime) * 86_400_000).toISOString();
}

/** Whether a key has ended by itself. */
export function isExpired(expires_at: string | null | undefined, now: number): boolean {
  return Boolean(expires_at) && Date.parse(expires_at as string) <= now;
}
