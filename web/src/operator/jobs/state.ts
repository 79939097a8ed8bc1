import type { Job } from '~/api/types';
import type { Tone } from '~/ui/Mark';

/** Whoever waits longer than this has been told to; nothing will move before. */
const SOON_MS = 60_000;

/** Where a job can stand for the server; by these a list is asked for. */
export const STATUSES = ['running', 'waiting', 'failed', 'done'] as const;

/** How a job stands. One that waits after a failure is tried again. */
export type JobState = 'running' | 'waiting' | 'planned' | 'retrying' | 'done' | 'failed';

export function stateOf(job: Job, now: number): JobState {
  if (job.status === 'done' || job.status === 'failed' || job.status === 'running') {
    return job.status;
  }
  if (job.attempts > 0) return 'retrying';
  return Date.parse(job.next_at) > now + SOON_MS ? 'planned' : 'waiting';
}

/** Whether another look in two seconds may show something else. */
export function isMoving(job: Job, now: number): boolean {
  return ['running', 'waiting', 'retrying'].includes(stateOf(job, now));
}

export const TONES: Record<JobState, Tone> = {
  running: 'busy',
  waiting: 'near',
  planned: 'still',
  retrying: 'near',
  done: 'good',
  failed: 'bad',
};
