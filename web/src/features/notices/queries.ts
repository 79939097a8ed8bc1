import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';

/** What one is told is written a moment after what it tells of; besides, it is asked for this often. */
const PACE_MS = 60_000;
const LIMIT = 20;

export const keys = { all: ['notices'] as const };

/** What one was told, the newest first. */
export const noticeList = infiniteQueryOptions({
  queryKey: [...keys.all, 'list'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      app.GET('/api/v1/notifications', {
        params: { query: { limit: LIMIT, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
});

/** How much of it one has not read. */
export const unreadCount = queryOptions({
  queryKey: [...keys.all, 'unread'],
  queryFn: async ({ signal }) => {
    const query = { unread: true, limit: 1, count: true };
    const answer = await unwrap(app.GET('/api/v1/notifications', { params: { query }, signal }));
    return answer.page.total ?? 0;
  },
  refetchInterval: PACE_MS,
  refetchOnWindowFocus: true,
});

/** Marks one as read, or all. */
export function useRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: number | 'all') => {
      await (id === 'all'
        ? unwrap(app.POST('/api/v1/notifications/read'))
        : unwrap(app.POST('/api/v1/notifications/{id}/read', { params: { path: { id } } })));
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.all }),
  });
}
