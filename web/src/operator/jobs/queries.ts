import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { Job } from '~/api/types';
import { pace } from '../ui/pace';
import { isMoving, STATUSES } from './state';

/** Which jobs a list shows. */
export type JobFilters = { kind?: string; status?: string; tenant?: string };

export const jobKeys = ['operator', 'jobs'] as const;

/** How long until the next look at these jobs, which so many pages hold. */
export function nextLook(jobs: Job[], now: number, pages = 1): number {
  return pace(
    jobs.some((job) => isMoving(job, now)),
    pages,
  );
}

/** Jobs, the newest first; asked for again and again as long as the page is looked at. */
export function jobList({ kind, status, tenant }: JobFilters, limit = 50) {
  const filters = { kind, status: STATUSES.find((known) => known === status), tenant };
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
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      return nextLook(
        pages.flatMap((one) => one.data),
        Date.now(),
        pages.length,
      );
    },
  });
}
