import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import { STILL_MS } from '../ui/pace';

export const backupKeys = ['operator', 'backups'] as const;

/** As many as a page of the API has. */
const MOST = 100;

/** Which backups a list shows; with `late` the newest of each tenant, the oldest first. */
export type BackupFilters = { tenant?: string; late?: true };

/** Backups, the newest first; one may end at any time. */
export function backupList(filters: BackupFilters, limit = MOST) {
  return infiniteQueryOptions({
    queryKey: [...backupKeys, 'list', filters, limit],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/backups', {
          params: { query: { ...filters, limit, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: STILL_MS,
  });
}

/** The newest drills. */
export const drillList = queryOptions({
  queryKey: [...backupKeys, 'drills'],
  queryFn: async ({ signal }) => {
    const query = { limit: MOST };
    const call = control.GET('/api/v1/operator/drills', { params: { query }, signal });
    return (await unwrap(call)).data;
  },
  staleTime: 0,
  refetchInterval: STILL_MS,
});

/** Takes a backup of a tenant, or of the control database; answers with its job. */
export function takeBackup(tenant?: string) {
  return unwrap(control.POST('/api/v1/operator/backups', { body: { tenant } }));
}

/** Brings a tenant back to a backup. */
export function restoreBackup(id: string, body: { tenant: string; resend: boolean }) {
  const params = { path: { id } };
  return unwrap(control.POST('/api/v1/operator/backups/{id}/restore', { params, body }));
}

/** Restores a tenant's newest backup for trial; somebody's by chance where none is named. */
export function beginDrill(tenant?: string) {
  return unwrap(control.POST('/api/v1/operator/drills', { body: { tenant } }));
}
