import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';

export const planKeys = ['plan'] as const;

/** The plan and what is used of it. Counted when it is asked for, so it is asked for anew each time. */
export const usage = queryOptions({
  queryKey: [...planKeys, 'usage'],
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/tenant/usage', { signal })),
  staleTime: 0,
  refetchOnWindowFocus: true,
});

/** The organisation's invoices, the newest first. */
export const invoiceList = infiniteQueryOptions({
  queryKey: [...planKeys, 'invoices'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/tenant/invoices', {
        params: { query: { limit: 24, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  staleTime: 0,
});

/** One of them with its lines. */
export function oneInvoice(id: string) {
  return queryOptions({
    queryKey: [...planKeys, 'invoice', id],
    queryFn: ({ signal }) =>
      unwrap(control.GET('/api/v1/tenant/invoices/{id}', { params: { path: { id } }, signal })),
  });
}
