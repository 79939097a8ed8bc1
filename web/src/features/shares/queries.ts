import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';

/** As many rows are asked for at once. */
const LIMIT = 20;

const paged = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { page: { next_cursor?: string | null } }) =>
    last.page.next_cursor ?? undefined,
  // No live event tells of shares: whoever opens a list sees it as it is now.
  staleTime: 0,
};

/** All shares of a file, the newest first, those that are over too. */
export function shareList(file: number) {
  return infiniteQueryOptions({
    queryKey: ['shares', 'of', file],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET('/api/v1/attachments/{attachment}/shares', {
          params: {
            path: { attachment: file },
            query: { limit: LIMIT, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    ...paged,
  });
}

/** The files that were shared with whoever is here, the newest share first. */
export const sharedWithMe = infiniteQueryOptions({
  queryKey: ['shares', 'with-me'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      app.GET('/api/v1/attachments/shared', {
        params: { query: { limit: LIMIT, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  ...paged,
  refetchOnWindowFocus: true,
});

/** The ticket of a shared file: most often it is not to be seen, and that is all that is said of it. */
export function ticketOfFile(ticket: number) {
  return queryOptions({
    // Not among the tickets, which are kept by their numbers.
    queryKey: ['shares', 'ticket', ticket],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/tickets/{ticket}', {
          params: { path: { ticket: String(ticket) } },
          signal,
        }),
      ),
  });
}
