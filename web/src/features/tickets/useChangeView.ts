import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { SavedView, ViewChange } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { keys } from './keys';

/** What of which views changes. */
type Step = { view: SavedView; to: ViewChange };

/** Changes saved views one after the other, each if nobody else has changed it meanwhile. */
export function useChangeView(name: string) {
  const client = useQueryClient();
  const { t } = useTranslation('desk');
  const explain = useExplain();
  return useMutation({
    mutationFn: async (steps: Step[]) => {
      for (const { view, to } of steps) {
        const params = { path: { view: view.id } };
        const headers = ifVersion(view.version);
        await unwrap(app.PATCH('/api/v1/views/{view}', { params, headers, body: to }));
      }
    },
    onError: (error) => {
      const overtaken = error instanceof ApiError && error.status === 412;
      const why = overtaken ? t('save.changed') : explain(error);
      void notifyFailure(t('save.change_failed', { name }), why);
    },
    onSettled: () =>
      Promise.all(
        [keys.views, keys.viewCounts].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}
