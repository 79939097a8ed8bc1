import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { app, send, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import { problemOf } from '~/api/problem';
import { keys } from '../tickets/keys';
import type { Attachment, MediaCategory } from './types';

/** All files of a ticket, the newest first. They are a part of its conversation, and asked for anew with it. */
export function fileList(ticketId: number) {
  return queryOptions({
    queryKey: [...keys.messages(ticketId), 'files'],
    queryFn: ({ signal }): Promise<Attachment[]> =>
      everything((query) =>
        unwrap(
          app.GET('/api/v1/tickets/{ticket}/attachments', {
            params: {
              path: { ticket: String(ticketId) },
              query: { ...query, sort: '-created_at' },
            },
            signal,
          }),
        ),
      ),
  });
}

/** One file with its addresses, which last for a quarter of an hour. */
export function oneFile(id: number) {
  return queryOptions({
    queryKey: ['attachment', id],
    queryFn: ({ signal }): Promise<Attachment> => askFile(id, signal),
    staleTime: 10 * 60_000,
    gcTime: 10 * 60_000,
  });
}

/** One file with addresses that begin now. */
export function askFile(id: number, signal?: AbortSignal): Promise<Attachment> {
  const params = { path: { attachment: id } };
  return unwrap(app.GET('/api/v1/attachments/{attachment}', { params, signal }));
}

/** Who had to do with a file, the newest first. */
export function accessList(id: number) {
  return infiniteQueryOptions({
    queryKey: ['attachment', id, 'accesses'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET('/api/v1/attachments/{attachment}/accesses', {
          params: { path: { attachment: id }, query: { cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    // A log grows all the time: whoever opens it sees it as it is now.
    staleTime: 0,
  });
}

/** What whoever is here may send. Where it is not told, the server decides when it has the file. */
export const mediaCategories = queryOptions({
  queryKey: ['media-categories'],
  queryFn: async ({ signal }): Promise<MediaCategory[]> => {
    const url = new URL('/api/v1/media-categories?limit=100', window.location.origin);
    const response = await send(new Request(url, { signal }));
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw problemOf(body, response);
    return (body as { data: MediaCategory[] }).data;
  },
  staleTime: 10 * 60_000,
  retry: false,
});

/** The file that somebody was given a link to. Each opening is written down: it is asked for once. */
export function sharedFile(token: string) {
  return queryOptions({
    queryKey: ['shares', 'open', token],
    queryFn: ({ signal }) => unwrap(app.POST('/api/v1/shares/open', { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
