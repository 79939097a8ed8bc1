import type { Ticket } from '~/api/types';
import { isBuiltIn, type Sort, type TicketFilter, wordsOf } from './views';

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

type Timed = Pick<Ticket, 'id' | 'created_at' | 'updated_at' | 'waiting_since'>;

/**
 * Whether this page knows where a ticket stands in a list of this order. When it is due next is the
 * server's to say: while a clock pauses, nobody else knows.
 */
export function isPlaceable(sort: Sort | undefined): boolean {
  return sort !== 'due_at';
}

/** Whether one ticket stands above the other in a list, as the server sorts: newest first unless told. */
export function isAbove(a: Timed, b: Timed, sort: Sort = '-created_at'): boolean {
  const [early, late] = sort.startsWith('-') ? [b, a] : [a, b];
  const [one, other] = [timeOf(early, sort), timeOf(late, sort)];
  return one < other || (one === other && early.id < late.id);
}

/** Whoever waits for nothing stands behind everybody who does. */
function timeOf(ticket: Timed, sort: Sort): number {
  const { created_at: created, updated_at: updated, waiting_since: since } = ticket;
  if (sort === 'waiting') return since ? Date.parse(since) : Number.POSITIVE_INFINITY;
  return Date.parse(sort.endsWith('updated_at') ? updated : created);
}
