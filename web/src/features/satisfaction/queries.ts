import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';

/** What a link of a mail asks; it stays what it was while one answers. */
export function linkQuestion(token: string) {
  return queryOptions({
    queryKey: ['csat', 'link', token],
    queryFn: ({ signal }) => unwrap(app.POST('/api/v1/csat/question', { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Whether a customer may rate what was done about their ticket, and how they have. */
export function ticketQuestion(ticket: number) {
  return queryOptions({
    queryKey: ['csat', 'ticket', ticket],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/tickets/{ticket}/csat', {
          params: { path: { ticket: String(ticket) } },
          signal,
        }),
      ),
  });
}

/** As many answers stand beside a ticket. */
const SHOWN = 5;

/** How a ticket's resolutions were rated, for those who answer. */
export function ratingsOf(ticket: number, version: number) {
  return queryOptions({
    // A rating changes nothing of the ticket itself, but each resolution is another version.
    queryKey: ['csat', 'list', ticket, version],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/csat', { params: { query: { ticket_id: ticket, limit: SHOWN } }, signal }),
      ),
  });
}
