import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { app, once, unwrap } from '~/api/client';
import type { BulkChange, BulkJob } from '~/api/types';
import { keys } from '../tickets/keys';

/** A change of many tickets, without the tickets. */
export type Change = Omit<BulkChange, 'ids'>;

/** So often a job that takes long is asked how far it is. */
const PACE_MS = 1000;

const jobKey = (id: number | null) => ['bulk', id] as const;

/** Changes many tickets in one job, follows it to its end, and takes it back. */
export function useBulk() {
  const client = useQueryClient();
  const [id, setId] = useState<number | null>(null);
  const follow = (job: BulkJob) => {
    client.setQueryData(jobKey(job.id), job);
    setId(job.id);
  };
  const begin = useMutation({
    mutationFn: (change: BulkChange) =>
      unwrap(
        app.POST('/api/v1/tickets/bulk', { body: change, headers: once(crypto.randomUUID()) }),
      ),
    onSuccess: follow,
  });
  const undo = useMutation({
    mutationFn: (job: number) =>
      unwrap(app.POST('/api/v1/bulk/{job}/undo', { params: { path: { job } } })),
    onSuccess: follow,
  });
  const { data: job, error } = useQuery({
    queryKey: jobKey(id),
    queryFn: ({ signal }) =>
      unwrap(app.GET('/api/v1/bulk/{job}', { params: { path: { job: id ?? 0 } }, signal })),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? PACE_MS : false),
  });
  useAfter(job ?? null);
  return {
    begin: (change: BulkChange, onBegun: () => void) =>
      begin.mutate(change, { onSuccess: onBegun }),
    undo: () => id !== null && undo.mutate(id),
    dismiss: () => {
      setId(null);
      begin.reset();
      undo.reset();
    },
    job: id === null ? null : (job ?? null),
    /** Whether something is on its way that has no job yet. */
    pending: begin.isPending || undo.isPending,
    error: begin.error ?? undo.error ?? (id === null ? null : error),
  };
}

/** When a job has ended, whatever shows tickets shows them as they are now. */
function useAfter(job: BulkJob | null): void {
  const client = useQueryClient();
  const ended = job?.state === 'finished' ? job.id : null;
  useEffect(() => {
    if (ended !== null) void client.invalidateQueries({ queryKey: [keys.lists[0]] });
  }, [client, ended]);
}
