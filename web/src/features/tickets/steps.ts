import type { Status, Ticket } from '~/api/types';

/** One way on from where a ticket stands, and what it takes. */
export type Step = { to: Status; by: 'status' | 'reason' | 'taking' | 'giving_back' };

/**
 * What staff may choose as the next status. The server says which statuses may be set; work begins
 * and ends by assignment, so those two ways are offered beside them.
 */
export function stepsOf(ticket: Pick<Ticket, 'status' | 'allowed_transitions'>): Step[] {
  const set: Step[] = ticket.allowed_transitions
    .filter((to) => !(ticket.status === 'open' && to === 'in_progress'))
    .filter((to) => to !== 'open')
    .map((to) => ({ to, by: ticket.status === 'open' && to === 'closed' ? 'reason' : 'status' }));
  if (ticket.status === 'open') return [{ to: 'in_progress', by: 'taking' }, ...set];
  if (ticket.status === 'in_progress') return [...set, { to: 'open', by: 'giving_back' }];
  return set;
}
