import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { ChangeCluster } from '~/api/types';

export const clusterKeys = ['operator', 'clusters'] as const;

/** More servers than this are not chosen from by hand. */
const MOST = 100;

/** Servers that hold tenants' databases, the oldest first; their figures are measured all the time. */
export const clusterList = infiniteQueryOptions({
  queryKey: [...clusterKeys, 'list'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/operator/clusters', {
        params: { query: { count: true, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  staleTime: 0,
  refetchInterval: 15_000,
});

/** The servers to choose one from. */
export const clusterChoice = queryOptions({
  queryKey: [...clusterKeys, 'choice'],
  queryFn: async ({ signal }) => {
    const query = { limit: MOST };
    const call = control.GET('/api/v1/operator/clusters', { params: { query }, signal });
    return (await unwrap(call)).data;
  },
});

/** Opens or closes a server to new tenants, or limits how many it may hold. */
export function changeCluster(name: string, body: ChangeCluster) {
  const params = { path: { name } };
  return unwrap(control.PATCH('/api/v1/operator/clusters/{name}', { params, body }));
}
