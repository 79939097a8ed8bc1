import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import { ApiError, unreachable } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { freeName, judge, MOST_FILES } from './accept';
import { mediaCategories } from './queries';
import type { Row } from './row';
import { changeRow, dropRow, everyRow, type Place, partsOf, putRow, rowsOf, useRows } from './rows';

/** What sends files, fetched with the first of them. */
const uploads = () => import('./uploads');

/** The files that go with what is written at a place, and what can be done with them. */
export function useFiles(place: Place) {
  const client = useQueryClient();
  const { t } = useTranslation('attachments');
  const explain = useExplain();
  const rows = useRows(place);
  const add = useCallback(
    async (files: readonly File[]) => {
      const added = files.flatMap((file) => begun(place, file) ?? []);
      if (added.length === 0) return;
      const categories = await client.fetchQuery(mediaCategories).catch(() => undefined);
      for (const { key, name, size } of added) {
        const at = rowsOf(place).findIndex((row) => row.key === key);
        const many = at >= MOST_FILES ? { code: 'many' as const, most: MOST_FILES } : null;
        const problem = many ?? judge({ name, size }, categories);
        if (problem) changeRow(place, key, { phase: 'failed', problem });
        else changeRow(place, key, { phase: partsOf(place) ? 'waiting' : 'held' });
      }
      sendWaiting();
    },
    [client, place],
  );
  async function remove(row: Row) {
    dropRow(place, row.key);
    if (row.attachment) {
      const params = { path: { attachment: row.attachment.id } };
      try {
        await unwrap(app.DELETE('/api/v1/attachments/{attachment}', { params }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return;
        putRow(place, row);
        void notifyFailure(t('remove_failed', { name: row.name }), explain(error));
      }
    } else if (row.file) {
      await uploads().then(({ cancel }) => cancel(row.key));
    }
  }
  function again({ key }: Row) {
    changeRow(place, key, { phase: 'waiting', sent: 0, problem: null });
    sendWaiting();
  }
  return { place, rows, add, remove, again };
}

export type Files = ReturnType<typeof useFiles>;

/** A row for a file that was chosen; null for one that is there already. */
function begun(place: Place, file: File): Row | null {
  const rows = rowsOf(place);
  const isThere = rows.some(
    ({ file: other }) =>
      other &&
      [other.name, other.size, other.lastModified].join() ===
        [file.name, file.size, file.lastModified].join(),
  );
  if (isThere) return null;
  const name = freeName(
    file.name,
    rows.map((row) => row.name),
  );
  const { type, lastModified } = file;
  const named = name === file.name ? file : new File([file], name, { type, lastModified });
  const row: Row = {
    key: crypto.randomUUID(),
    name,
    size: file.size,
    file: named,
    phase: 'held',
    sent: 0,
    problem: null,
    attachment: null,
  };
  putRow(place, row);
  return row;
}

/** Has everything sent that waits. What sends it may not come, where the line is gone. */
export function sendWaiting(): void {
  if (!everyRow().some(({ row }) => row.phase === 'waiting')) return;
  uploads()
    .then(({ pump }) => pump())
    .catch((error) => {
      for (const { place, row } of everyRow()) {
        if (row.phase !== 'waiting') continue;
        changeRow(place, row.key, { phase: 'failed', problem: unreachable(error) });
      }
    });
}

/** Looks after files whose message came back. */
export function lookAfter(place: Place): void {
  void uploads().then(({ watchAgain }) => watchAgain(place));
}
