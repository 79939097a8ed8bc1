import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import type { GroupBy, Overview, Report } from '~/api/types';
import type { ReportName, ReportSearch } from './search';

type Asked = { from?: string; to?: string; group_by: GroupBy };

/** Numbers change while one looks: whoever comes back to the page gets those of now. */
const FRESH_MS = 30_000;
/** Rows behind a number that are asked for at once. */
const LIMIT = 50;

async function ask(report: ReportName, query: Asked, signal: AbortSignal) {
  const params = { params: { query }, signal };
  switch (report) {
    case 'overview':
      return unwrap(app.GET('/api/v1/reports/overview', params));
    case 'sla':
      return unwrap(app.GET('/api/v1/reports/sla', params));
    case 'agents':
      return unwrap(app.GET('/api/v1/reports/agents', params));
    case 'volume':
      return unwrap(app.GET('/api/v1/reports/volume', params));
  }
}

/** A report of these days, divided so. The one before stays while the next is fetched. */
export function reportQuery<R extends ReportName>(report: R, asked: Asked) {
  return queryOptions({
    queryKey: ['reports', report, asked],
    queryFn: ({ signal }) =>
      ask(report, asked, signal) as Promise<R extends 'overview' ? Overview : Report>,
    staleTime: FRESH_MS,
    refetchOnWindowFocus: true,
    placeholderData: keepPreviousData,
  });
}

/** What was counted in a number, the newest first, page by page. */
export function behindQuery({ from, to, figure, group_by, group }: ReportSearch) {
  const query = { from, to, figure, group_by, group, count: true, limit: LIMIT };
  return infiniteQueryOptions({
    queryKey: ['reports', 'tickets', query],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET('/api/v1/reports/tickets', {
          params: { query: { ...query, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: FRESH_MS,
  });
}
