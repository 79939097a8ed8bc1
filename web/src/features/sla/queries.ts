import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import type { SlaExplanation } from '~/api/types';

/** Why a ticket is due when it is. Asked when somebody wants to know; what it says changes with every step. */
export function slaExplanation(id: number) {
  return queryOptions({
    queryKey: ['tickets', 'sla', id] as const,
    queryFn: ({ signal }): Promise<SlaExplanation> =>
      unwrap(
        app.GET('/api/v1/tickets/{ticket}/sla', {
          params: { path: { ticket: String(id) } },
          signal,
        }),
      ),
    staleTime: 0,
  });
}
