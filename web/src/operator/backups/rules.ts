import type { Backup, Drill } from '~/api/types';

/** Every tenant is backed up each night: what is older than a night and some patience is late. */
const LATE_MS = 26 * 3_600_000;

/** Whether this would have had a successor by now. */
export function isLate(takenAt: string, now: number): boolean {
  return now - Date.parse(takenAt) > LATE_MS;
}

/** The newest of each tenant, and of the control database; `backups` are the newest first. */
export function newestOfEach(backups: Backup[]): Backup[] {
  const seen = new Set<string>();
  return backups.filter(({ tenant_id }) => {
    const whose = tenant_id ?? '';
    if (seen.has(whose)) return false;
    seen.add(whose);
    return true;
  });
}

/** What the newest drill of each backup has found; `drills` are the newest first. */
export function verdicts(drills: Drill[]): Map<string, Drill> {
  const found = new Map<string, Drill>();
  for (const drill of drills) if (!found.has(drill.backup_id)) found.set(drill.backup_id, drill);
  return found;
}

/** How much of the store a backup takes. */
export function sizeOf({ dump_bytes, file_bytes }: Backup): number {
  return dump_bytes + file_bytes;
}
