import { infiniteQueryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import type { Message } from '~/api/types';
import { keys } from '../tickets/keys';

/** The conversation of a ticket, page by page. */
export function messageList(ticketId: number) {
  return infiniteQueryOptions({
    queryKey: keys.messages(ticketId),
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET('/api/v1/tickets/{ticket}/messages', {
          params: {
            path: { ticket: String(ticketId) },
            query: { limit: 100, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    select: (pages): Message[] => pages.pages.flatMap((page) => page.data),
  });
}
