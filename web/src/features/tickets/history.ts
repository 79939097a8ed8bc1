import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import type { HistoryEntry } from '~/api/types';
import { keys } from './keys';

/** What happened to a ticket, oldest first, to the last change. */
export function ticketHistory(id: number) {
  return queryOptions({
    queryKey: keys.history(id),
    queryFn: ({ signal }): Promise<HistoryEntry[]> =>
      everything((query) =>
        unwrap(
          app.GET('/api/v1/tickets/{ticket}/history', {
            params: { path: { ticket: String(id) }, query },
            signal,
          }),
        ),
      ),
  });
}
