import type { FileShare } from '~/api/types';

/** For so many hours a link can be good. */
export const HOURS = [1, 24, 168, 720] as const;
export type Hours = (typeof HOURS)[number];

/** Whether a share still gives the file: it may have been taken back, or be over by itself. */
export function standingOf(
  { revoked_at, expires_at }: Pick<FileShare, 'revoked_at' | 'expires_at'>,
  now: number,
): 'good' | 'revoked' | 'over' {
  if (revoked_at) return 'revoked';
  return expires_at && Date.parse(expires_at) <= now ? 'over' : 'good';
}
