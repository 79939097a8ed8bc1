import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { Migration, MigrationTarget, StartMigration } from '~/api/types';
import { pace } from '../ui/pace';

export const migrationKeys = ['operator', 'migrations'] as const;

/** Whether another look in two seconds may show something else. */
const isMoving = ({ state, running }: Migration) => state === 'running' || running > 0;

/** Runs, the newest first. */
export const migrationList = infiniteQueryOptions({
  queryKey: [...migrationKeys, 'list'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/operator/migrations', {
        params: { query: { limit: 20, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  staleTime: 0,
  refetchInterval: ({ state }) => {
    const pages = state.data?.pages ?? [];
    return pace(
      pages.some((one) => one.data.some(isMoving)),
      pages.length,
    );
  },
});

/** One run. */
export function oneMigration(id: string) {
  return queryOptions({
    queryKey: [...migrationKeys, 'one', id],
    queryFn: ({ signal }) =>
      unwrap(control.GET('/api/v1/operator/migrations/{id}', { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: ({ state }) => pace(state.data !== undefined && isMoving(state.data)),
  });
}

/** The databases of a run that stand in one state. */
export function targetList(id: string, state: MigrationTarget['state'], moving: boolean) {
  return infiniteQueryOptions({
    queryKey: [...migrationKeys, 'targets', id, state],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/operator/migrations/{id}/tenants', {
          params: {
            path: { id },
            query: { state, count: true, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state }) => moving && pace(true, state.data?.pages.length),
  });
}

/** What can be done with a run. */
export type Turn = 'pause' | 'resume' | 'retry';

export function turnRun(id: string, turn: Turn) {
  const params = { params: { path: { id } } };
  switch (turn) {
    case 'pause':
      return unwrap(control.POST('/api/v1/operator/migrations/{id}/pause', params));
    case 'resume':
      return unwrap(control.POST('/api/v1/operator/migrations/{id}/resume', params));
    case 'retry':
      return unwrap(control.POST('/api/v1/operator/migrations/{id}/retry', params));
  }
}

/** What the API takes for what is left out. */
const USUAL: StartMigration = {
  tenant: null,
  canaries: [],
  parallel: 4,
  max_failures: 1,
  replaces_held: false,
};

/** Begins to bring all databases, or one tenant's, to the release's schema. */
export function startRun(wanted: Partial<StartMigration>) {
  const body = { ...USUAL, ...wanted };
  return unwrap(control.POST('/api/v1/operator/migrations', { body }));
}
