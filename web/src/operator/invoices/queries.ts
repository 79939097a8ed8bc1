import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { STATES } from '~/features/plan/InvoiceState';
import { STILL_MS } from '../ui/pace';

export const invoiceKeys = ['operator', 'invoices'] as const;

/** Which invoices a list shows. */
export type InvoiceFilters = { tenant?: string; state?: string };

/** Invoices of all tenants, the newest first; one may be made or paid at any time. */
export function invoiceList(filters: InvoiceFilters) {
  const state = STATES.find((known) => known === filters.state);
  const which = { tenant: filters.tenant, state };
  return infiniteQueryOptions({
    queryKey: [...invoiceKeys, 'list', which],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/invoices', {
          params: { query: { ...which, count: true, cursor: pageParam ?? undefined } },
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

/** One of them with its lines. */
export function oneInvoice(id: string) {
  return queryOptions({
    queryKey: [...invoiceKeys, 'one', id],
    queryFn: ({ signal }) =>
      unwrap(control.GET('/api/v1/operator/invoices/{id}', { params: { path: { id } }, signal })),
    staleTime: 0,
  });
}

/** Notes that it is paid, by a transfer or the like. */
export function payInvoice(id: string, payment: string) {
  const params = { path: { id } };
  return unwrap(control.POST('/api/v1/operator/invoices/{id}/pay', { params, body: { payment } }));
}

/** Says that it is not to be paid. */
export function voidInvoice(id: string) {
  return unwrap(control.POST('/api/v1/operator/invoices/{id}/void', { params: { path: { id } } }));
}
