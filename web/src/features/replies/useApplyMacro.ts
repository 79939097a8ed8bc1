import { useMutation, useQueryClient } from '@tanstack/react-query';
import { app, once, unwrap } from '~/api/client';
import type { Ticket } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { takeTicket } from '../tickets/cache';
import { keys } from '../tickets/keys';

/** Does what a macro does; all of it or nothing, so nothing is drawn before. */
export function useApplyMacro(ticket: Ticket, onDone: () => void) {
  const client = useQueryClient();
  const keyOf = useOnceKey();
  return useMutation({
    scope: { id: `ticket-${ticket.id}` },
    mutationFn: (macro: number) =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/macros/{macro}', {
          params: { path: { ticket: String(ticket.id), macro } },
          headers: once(keyOf([macro, ticket.version])),
          body: {},
        }),
      ),
    onSuccess: (saved) => {
      if (!takeTicket(client, saved)) void client.invalidateQueries({ queryKey: keys.counts });
      for (const queryKey of [keys.messages(saved.id), keys.history(saved.id)]) {
        void client.invalidateQueries({ queryKey });
      }
      onDone();
    },
  });
}
