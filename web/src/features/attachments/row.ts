import type { ApiError } from '~/api/problem';
import { MOST_FILES, type Wrong } from './accept';
import type { Attachment } from './types';

/** A file that is to be sent, from the moment when it is chosen until its message is sent. */
export type Row = {
  key: string;
  name: string;
  size: number;
  /** Null where it was sent before, and came back. */
  file: File | null;
  /** `held`: there is no ticket yet; `waiting`: for its turn; `paused`: it goes on by itself. */
  phase: 'held' | 'waiting' | 'sending' | 'paused' | 'failed' | 'there';
  /** Bytes that have been sent. */
  sent: number;
  problem: Wrong | ApiError | null;
  /** What the server knows of it, as soon as it is there. */
  attachment: Attachment | null;
};

/** Why a message cannot be sent, though it has words; null where it can. */
export type Hindrance = {
  why: 'underway' | 'failed' | 'refused' | 'infected' | 'many' | 'wordless';
  count: number;
};

/** What keeps a message with these files from being sent. Files that are yet to be checked do not. */
export function hindranceOf(rows: readonly Row[], hasWords: boolean): Hindrance | null {
  const underway = rows.filter(({ phase }) => phase !== 'failed' && phase !== 'there');
  const failed = rows.filter(({ phase }) => phase === 'failed');
  const infected = rows.filter(({ attachment }) => attachment?.scan_status === 'infected');
  if (infected.length > 0) return { why: 'infected', count: infected.length };
  if (failed.length > 0) {
    const why = failed.some(mayTryAgain) ? 'failed' : 'refused';
    return { why, count: failed.length };
  }
  if (underway.length > 0) return { why: 'underway', count: underway.length };
  const over = rows.length - MOST_FILES;
  if (over > 0) return { why: 'many', count: over };
  return rows.length > 0 && !hasWords ? { why: 'wordless', count: rows.length } : null;
}

/** Statuses after which the same file is refused the same way. */
const FINAL = [400, 403, 413, 415, 422];

/** Whether a file that was not sent may be with another try. */
export function mayTryAgain({ file, problem }: Row): boolean {
  if (!file || !(problem instanceof Error)) return false;
  const isClosed = problem.status === 409 && problem.code !== 'conflict';
  return !isClosed && !FINAL.includes(problem.status);
}

/** How it stands with a file, as it is said. */
export type Standing =
  | 'held'
  | 'waiting'
  | 'sending'
  | 'finishing'
  | 'paused'
  | 'failed'
  | 'checking'
  | 'infected'
  | 'ready';

export function standingOf(row: Row): Standing {
  if (row.phase === 'there') {
    if (row.attachment?.scan_status === 'infected') return 'infected';
    return row.attachment?.scan_status === 'pending' ? 'checking' : 'ready';
  }
  return row.phase === 'sending' && row.sent >= row.size ? 'finishing' : row.phase;
}

/** Whether whoever leaves the page would lose it. What waits for its message on the server comes back. */
export function isHeld({ phase, attachment }: Row): boolean {
  if (phase === 'failed' || attachment?.scan_status === 'infected') return false;
  return !attachment?.awaits_message;
}
