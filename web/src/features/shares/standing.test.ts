import { expect, test } from 'vitest';
import { standingOf } from './standing';

const NOW = Date.parse('2026-11-21T12:00:00Z');

test.each([
  [null, null, 'good'],
  [null, '2026-11-21T12:00:01Z', 'good'],
  [null, '2026-11-21T12:00:00Z', 'over'],
  ['2026-11-20T12:00:00Z', '2026-11-21T12:00:01Z', 'revoked'],
  ['2026-11-20T12:00:00Z', '2026-11-20T13:00:00Z', 'revoked'],
] as const)(
  'a share taken back at %s that ends at %s is %s',
  (revoked_at, expires_at, standing) => {
    expect(standingOf({ revoked_at, expires_at }, NOW)).toBe(standing);
  },
);
