import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import type { Availability, SetAvailability } from '~/api/types';
import { keys as tickets } from '../tickets/keys';

const ROOT = ['availability'] as const;

/** Whether somebody is there; `me` is whoever asks. */
export function availabilityOf(agent: number | 'me') {
  return queryOptions({
    queryKey: [...ROOT, agent] as const,
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/agents/{agent}/availability', {
          params: { path: { agent: String(agent) } },
          signal,
        }),
      ),
    refetchOnWindowFocus: true,
  });
}

/** Says whether somebody is there; shown when it is so, because tickets are given out by it. */
export function useSetAvailability(agent: number | 'me') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SetAvailability): Promise<Availability> =>
      unwrap(
        app.PATCH('/api/v1/agents/{agent}/availability', {
          params: { path: { agent: String(agent) } },
          body,
        }),
      ),
    onSettled: () =>
      Promise.all([ROOT, tickets.agents].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
