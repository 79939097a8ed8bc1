import type { Cluster } from '~/api/types';
import type { Tone } from '~/ui/Mark';

/** From this share on a server is nearly full. */
const NEAR = 0.85;

/** A server that was not heard of for this long is worth a look, even if nothing says why. */
const SILENT_MS = 10 * 60_000;

/** How a server stands. */
export type ClusterState = 'open' | 'closed' | 'full' | 'trouble';

export function stateOf(cluster: Cluster, now: number): ClusterState {
  const heard = cluster.answered_at ? Date.parse(cluster.answered_at) : null;
  if (cluster.trouble || (heard !== null && now - heard > SILENT_MS)) return 'trouble';
  if (!cluster.accepting) return 'closed';
  const tenants = shareOf(cluster.tenants, cluster.max_tenants);
  const bytes = shareOf(cluster.bytes, cluster.max_bytes);
  return Math.max(tenants ?? 0, bytes ?? 0) >= 1 ? 'full' : 'open';
}

export const TONES: Record<ClusterState, Tone> = {
  open: 'good',
  closed: 'still',
  full: 'near',
  trouble: 'bad',
};

/** Which share of a limit is used; nothing where there is no limit, or nothing was measured. */
export function shareOf(used?: number | null, most?: number | null): number | undefined {
  if (typeof used !== 'number' || typeof most !== 'number') return undefined;
  return most > 0 ? used / most : 1;
}

/** The colour of a share: what is nearly full is seen from afar. */
export function toneOf(share: number): 'ink' | 'yellow' | 'red' {
  if (share >= 1) return 'red';
  return share >= NEAR ? 'yellow' : 'ink';
}

/** What was typed as a limit: a whole number, none for no limit; nothing when it is neither. */
export function limitOf(typed: string): number | null | undefined {
  const text = typed.trim();
  if (!text) return null;
  return /^\d{1,6}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined;
}
