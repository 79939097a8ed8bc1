import type { Ticket } from '~/api/types';
import { isBuiltIn, type TicketFilter, wordsOf } from './views';

/** What of a ticket decides whether a filter shows it. */
export type Sorted = Pick<
  Ticket,
  | ('status' | 'priority' | 'assigned_to' | 'user_id' | 'sla' | 'snooze')
  | ('category' | 'team_id' | 'tags' | 'channel' | 'order_id' | 'created_at')
>;

/**
 * Whether a filter shows a ticket: the server's rule, as far as this page knows it. Null when only
 * the server can say, because words are searched or a view is named that is not known here.
 */
export function matches(filter: TicketFilter, ticket: Sorted, me: number | null): boolean | null {
  const { view, q, ...words } = filter;
  if (!fits(words, ticket, me)) return false;
  if (view !== undefined) {
    if (!isBuiltIn(view)) return null;
    if (!fits(wordsOf(view), ticket, me)) return false;
  }
  return q ? null : true;
}

/** Whether a ticket has what these words ask for. */
function fits(words: TicketFilter, ticket: Sorted, me: number | null): boolean {
  const { created_from: from, created_to: to, user_id, order_id } = words;
  const opened = Date.parse(ticket.created_at);
  return (
    isAny(words.status, [ticket.status]) &&
    isAny(words.priority, [ticket.priority]) &&
    isAny(words.sla, [ticket.sla?.state]) &&
    isAny(words.category, [ticket.category]) &&
    isAny(words.channel, [ticket.channel]) &&
    isAny(words.tag, ticket.tags) &&
    (user_id === undefined || user_id === ticket.user_id) &&
    (order_id === undefined || order_id === ticket.order_id) &&
    (typeof words.snoozed !== 'boolean' || words.snoozed === Boolean(ticket.snooze)) &&
    (!from || opened >= Date.parse(from)) &&
    (!to || opened < Date.parse(to)) &&
    isWhose(words.assigned_to, ticket.assigned_to, me) &&
    isWhose(words.team, ticket.team_id, null)
  );
}

/** Whether one of the wanted words, separated by commas, is among those that there are. */
function isAny(wanted: string | undefined, there: (string | null | undefined)[]): boolean {
  return !wanted || wanted.split(',').some((word) => there.includes(word));
}

function isWhose(
  wanted: string | undefined,
  id: number | null | undefined,
  me: number | null,
): boolean {
  if (!wanted) return true;
  if (wanted === 'none') return (id ?? null) === null;
  return id === (wanted === 'me' ? me : Number(wanted));
}

type Dated = Pick<Ticket, 'id' | 'created_at'>;

/** The order of every list here: newest first, as the server sorts. */
export function isNewer(a: Dated, b: Dated): boolean {
  const difference = Date.parse(a.created_at) - Date.parse(b.created_at);
  return difference > 0 || (difference === 0 && a.id > b.id);
}
