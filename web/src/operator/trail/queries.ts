import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { NO_FILTERS, queryOf } from '~/features/audit/filters';

/** What one looks for in the trail; days as `2026-11-20`. */
export type TrailFilters = { action?: string; resource?: string; from?: string; to?: string };

/** What was done on the platform, the newest first. */
export function trailList(filters: TrailFilters) {
  const { action = '', resource = '', from = '', to = '' } = filters;
  const query = queryOf({ ...NO_FILTERS, action, resource, from, to });
  return infiniteQueryOptions({
    queryKey: ['operator', 'trail', filters],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/audit-logs', {
          params: { query: { ...query, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
  });
}
