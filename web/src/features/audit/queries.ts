import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { saveFile } from '~/ui/saveFile';
import { type Filters, queryOf } from './filters';

/** What was done and what was refused, the newest first. */
export function auditLog(filters: Filters) {
  return infiniteQueryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/audit-logs', {
          params: { query: { ...queryOf(filters), cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    // A log grows all the time: whoever opens the page sees it as it is now.
    staleTime: 0,
  });
}

export type Format = 'csv' | 'jsonl';

/** Fetches the whole log for these filters and hands it over as a file. */
export async function exportLog(filters: Filters, format: Format): Promise<void> {
  const blob = await unwrap(
    control.GET('/api/v1/audit-logs/export', {
      params: { query: { ...queryOf(filters), format } },
      parseAs: 'blob',
    }),
  );
  saveFile(blob as Blob, `audit-log.${format}`);
}
