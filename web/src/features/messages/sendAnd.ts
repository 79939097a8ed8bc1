import { useCallback } from 'react';
import type { Status, Ticket } from '~/api/types';
import { usePerson } from '../session/session';
import { useChange } from '../tickets/changes';
import { type Outgoing, useSend } from './send';

/** What may follow a reply in the same click. */
export type Then = 'take' | 'wait' | 'resolve';

const STATUS: Partial<Record<Then, Status>> = { wait: 'waiting_customer', resolve: 'resolved' };

/** What a reply to this ticket can be combined with. */
export function thenChoices(ticket: Pick<Ticket, 'status' | 'allowed_transitions'>): Then[] {
  if (ticket.status === 'open') return ['take', 'wait', 'resolve'];
  const choices: Then[] = [];
  if (ticket.allowed_transitions.includes('waiting_customer')) choices.push('wait');
  if (ticket.allowed_transitions.includes('resolved')) choices.push('resolve');
  return choices;
}

/**
 * Sends a message and, when it has arrived, does what should follow. An open ticket is taken
 * first: only somebody's ticket can wait or be resolved.
 */
export function useSendAnd(ticket: Ticket) {
  const person = usePerson();
  const { mutateAsync: write } = useSend(ticket, { id: person.id, side: 'agent' });
  const { mutateAsync: change } = useChange(ticket);
  const { status } = ticket;
  const send = useCallback(
    async (out: Outgoing, then: Then | null) => {
      try {
        await write({ ...out, id: crypto.randomUUID() });
        if (!then) return;
        if (status === 'open') await change({ kind: 'assign', to: person });
        const to = STATUS[then];
        if (to) await change({ kind: 'status', to });
      } catch {
        // Each step has said itself what failed; what should have followed it does not.
      }
    },
    [write, change, person, status],
  );
  return { send, choices: thenChoices(ticket) };
}
