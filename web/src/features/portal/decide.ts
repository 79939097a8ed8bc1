import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { takeTicket } from '../tickets/cache';
import { sendChange } from '../tickets/changes';
import { keys } from '../tickets/keys';

export type Decision = 'confirm' | 'reopen';

/** The customer's word on a solution: it was one, or it was none. */
export function useDecision(ticket: Ticket) {
  const client = useQueryClient();
  const { t } = useTranslation('portal');
  const explain = useExplain();
  return useMutation({
    mutationFn: (decision: Decision) =>
      sendChange(ticket, { kind: 'status', to: decision === 'confirm' ? 'closed' : 'in_progress' }),
    onSuccess: (saved) => {
      takeTicket(client, saved);
    },
    onError: (error, decision) => void notifyFailure(t(`failed.${decision}`), explain(error)),
    onSettled: () => {
      for (const queryKey of [
        keys.one(ticket.ticket_number),
        keys.lists,
        keys.history(ticket.id),
      ]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  });
}
