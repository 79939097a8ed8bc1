import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import type { TicketPage } from '~/api/types';
import { keys } from './keys';
import type { ListQuery, TicketFilter } from './views';

export type TicketPages = InfiniteData<TicketPage, string | null>;

/** Rows asked for at once: a screen and a half, so that scrolling rarely waits. */
const LIMIT = 50;
/** As many hits stand below the field. */
const FOUND = 8;

/** The tickets of a filter, newest first unless told, page by page. */
export function ticketList(asked: ListQuery, limit = LIMIT) {
  return infiniteQueryOptions({
    queryKey: keys.list(asked),
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET('/api/v1/tickets', {
          params: { query: { ...asked, limit, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  });
}

/** How many tickets a filter has. */
export function ticketCount(filter: TicketFilter) {
  return queryOptions({
    queryKey: keys.count(filter),
    queryFn: async ({ signal }) => {
      const answer = await unwrap(
        app.GET('/api/v1/tickets', {
          params: { query: { ...filter, limit: 1, count: true } },
          signal,
        }),
      );
      return answer.page.total ?? 0;
    },
  });
}

/** The views that are saved: one's own, and everybody's. */
export const viewList = queryOptions({
  queryKey: keys.views,
  queryFn: ({ signal }) => unwrap(app.GET('/api/v1/views', { signal })),
  // No live event tells of views: whoever comes back to the page sees them as they are.
  refetchOnWindowFocus: true,
});

/** How many tickets each view has, up to 99. */
export const viewCounts = queryOptions({
  queryKey: keys.viewCounts,
  queryFn: ({ signal }) => unwrap(app.GET('/api/v1/views/counts', { signal })),
});

/** Tickets and messages that hold these words, the best first. */
export function ticketSearch(q: string) {
  return queryOptions({
    queryKey: keys.search(q),
    queryFn: ({ signal }) =>
      unwrap(app.GET('/api/v1/search', { params: { query: { q, limit: FOUND } }, signal })),
    gcTime: 60_000,
  });
}

/** One ticket by its number. */
export function ticketByNumber(number: string) {
  return queryOptions({
    queryKey: keys.one(number),
    queryFn: ({ signal }) =>
      unwrap(app.GET('/api/v1/tickets/{ticket}', { params: { path: { ticket: number } }, signal })),
  });
}

/** One ticket, shown at once from whichever list it was opened in. */
export function useTicket(number: string) {
  const client = useQueryClient();
  return useQuery({
    ...ticketByNumber(number),
    placeholderData: () =>
      client
        .getQueriesData<TicketPages>({ queryKey: keys.lists })
        .flatMap(([, pages]) => pages?.pages ?? [])
        .flatMap((page) => page.data)
        .find((ticket) => ticket.ticket_number === number),
  });
}

/** The members who can be assigned, with what each has to do. */
export const agentList = queryOptions({
  queryKey: keys.agents,
  queryFn: ({ signal }) =>
    everything((query) => unwrap(app.GET('/api/v1/agents', { params: { query }, signal }))),
  staleTime: 30_000,
});
