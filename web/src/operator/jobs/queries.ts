import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { Job } from '~/api/types';
import { isMoving } from './state';

/** Which jobs a list shows. */
export type JobFilters = { kind?: string; tenant?: string };

/** While something moves, it is looked at this often; otherwise something new may have begun. */
const MOVING_MS = 2000;
const STILL_MS = 15_000;

export const jobKeys = ['operator', 'jobs'] as const;

/** How long until the next look at these jobs. */
export function nextLook(jobs: Job[], now: number): number {
  return jobs.some((job) => isMoving(job, now)) ? MOVING_MS : STILL_MS;
}

/** Jobs, the newest first; asked for again and again as long as the page is looked at. */
export function jobList(filters: JobFilters, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...jobKeys, filters, limit],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/jobs', {
          params: { query: { ...filters, limit, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      nextLook(state.data?.pages.flatMap((one) => one.data) ?? [], Date.now()),
  });
}
