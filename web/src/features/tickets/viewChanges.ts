import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { SavedView, Scope } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { keys } from './keys';
import type { TicketFilter } from './views';

/** Keeps a filter as a view. */
export function useSaveView() {
  const client = useQueryClient();
  const keyOf = useOnceKey();
  return useMutation({
    mutationFn: (view: { name: string; scope: Scope; filter: TicketFilter }) =>
      unwrap(app.POST('/api/v1/views', { body: view, headers: once(keyOf(view)) })),
    onSuccess: () => refresh(client),
  });
}

/** Gives a view another name, if nobody else has changed it meanwhile. */
export function useRenameView(view: SavedView) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(
        app.PATCH('/api/v1/views/{view}', {
          params: { path: { view: view.id } },
          headers: ifVersion(view.version),
          body: { name },
        }),
      ),
    onSettled: () => refresh(client),
  });
}

/** Takes a view away; the tickets in it stay. */
export function useRemoveView(view: SavedView, onGone: () => void) {
  const client = useQueryClient();
  const { t } = useTranslation('desk');
  const explain = useExplain();
  return useMutation({
    mutationFn: () =>
      unwrap(app.DELETE('/api/v1/views/{view}', { params: { path: { view: view.id } } })),
    onSuccess: onGone,
    onError: (error) =>
      void notifyFailure(t('save.remove_failed', { name: view.name }), explain(error)),
    onSettled: () => refresh(client),
  });
}

function refresh(client: ReturnType<typeof useQueryClient>): Promise<unknown> {
  return Promise.all(
    [keys.views, keys.viewCounts].map((queryKey) => client.invalidateQueries({ queryKey })),
  );
}
