import type { Ticket } from '~/api/types';
import type { TicketFilter } from './views';

/** What of a ticket decides whether a filter shows it. */
export type Sorted = Pick<Ticket, 'status' | 'priority' | 'assigned_to' | 'user_id' | 'sla'>;

/** Whether a filter shows a ticket: the server's rule for the filters that this page uses. */
export function matches(filter: TicketFilter, ticket: Sorted, me: number | null): boolean {
  const { status, priority, user_id, assigned_to, sla } = filter;
  if (status && !status.split(',').includes(ticket.status)) return false;
  if (priority && !priority.split(',').includes(ticket.priority)) return false;
  if (sla && !sla.split(',').includes(ticket.sla?.state ?? '')) return false;
  if (user_id !== undefined && user_id !== ticket.user_id) return false;
  if (!assigned_to) return true;
  const assignee = ticket.assigned_to ?? null;
  if (assigned_to === 'none') return assignee === null;
  return assignee === (assigned_to === 'me' ? me : Number(assigned_to));
}

type Dated = Pick<Ticket, 'id' | 'created_at'>;

/** The order of every list here: newest first, as the server sorts. */
export function isNewer(a: Dated, b: Dated): boolean {
  const difference = Date.parse(a.created_at) - Date.parse(b.created_at);
  return difference > 0 || (difference === 0 && a.id > b.id);
}
