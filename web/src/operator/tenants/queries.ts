import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { STILL_MS } from '../ui/pace';
import { STATUSES } from './status';

export const tenantKeys = ['operator', 'tenants'] as const;

/** Which tenants a list shows; `q` is how the subdomain or the name begins. */
export type TenantFilters = { q?: string; status?: string; cluster?: string };

/** Tenants, the newest first; somebody may sign up at any time. */
export function tenantList({ q, status, cluster }: TenantFilters) {
  const filters = { q, status: STATUSES.find((known) => known === status), cluster };
  return infiniteQueryOptions({
    queryKey: [...tenantKeys, 'list', filters],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/tenants', {
          params: {
            query: {
              ...filters,
              sort: '-created_at',
              count: true,
              cursor: pageParam ?? undefined,
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
    placeholderData: keepPreviousData,
    refetchInterval: STILL_MS,
  });
}

/** One tenant as it stands in the books; it may change while work is done for it. */
export function oneTenant(slug: string) {
  return queryOptions({
    queryKey: [...tenantKeys, 'one', slug],
    queryFn: ({ signal }) =>
      unwrap(
        control.GET('/api/v1/operator/tenants/{slug}', { params: { path: { slug } }, signal }),
      ),
    staleTime: 0,
    refetchInterval: STILL_MS,
  });
}
