import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Ticket } from '~/api/types';
import { currentPerson } from '../session/session';
import { keys } from './keys';
import { isAbove, isPlaceable, matches } from './matches';
import type { TicketPages } from './queries';
import { countInViews } from './viewCounts';
import type { ListQuery, Sort, TicketFilter } from './views';

/** Everything that the page knew about tickets before an optimistic change. */
export type Before = [QueryKey, unknown][];

/**
 * Puts a ticket as it is now everywhere it belongs: its own page, every list that shows it and out
 * of those that no longer do, and the counts of the views. So a change costs no list to be loaded
 * again. Says whether the counts could be kept right: of a ticket that this page has never seen,
 * nobody knows where it was counted before.
 */
export function takeTicket(client: QueryClient, ticket: Ticket, isNew = false): boolean {
  const { unsure, counted } = place(client, ticket, isNew);
  // Only the server knows whether these still show it.
  for (const queryKey of unsure) void client.invalidateQueries({ queryKey, exact: true });
  return counted;
}

/** Where a ticket now stands; the lists of which this page cannot say, and whether the counts are right. */
function place(client: QueryClient, ticket: Ticket, isNew: boolean) {
  const unsure: QueryKey[] = [];
  const before = knownTicket(client, ticket.id);
  // An answer that was overtaken on its way by a newer one.
  if (before && before.version > ticket.version) return { unsure, counted: true };
  client.setQueryData(keys.one(ticket.ticket_number), ticket);
  eachList(client, (asked, pages, key) => {
    const is = matches(asked, ticket, currentPerson());
    if (is === null || (is && !isPlaceable(asked.sort))) {
      unsure.push(key);
      return inPlace(pages, ticket);
    }
    const others = without(pages, ticket.id);
    return is ? withRow(others, ticket, asked.sort) : others;
  });
  if (!before && !isNew) return { unsure, counted: false };
  let counted = countInViews(client, ticket, before);
  eachCount(client, (filter, count) => {
    const is = matches(filter, ticket, currentPerson());
    const was = before ? matches(filter, before, currentPerson()) : false;
    if (is === null || was === null) counted = false;
    return Math.max(0, count + Number(is) - Number(was));
  });
  return { unsure, counted };
}

/** Draws a change that the server has not confirmed yet; returns what to put back if it refuses. */
export function drawTicket(client: QueryClient, ticket: Ticket): Before {
  const before: Before = [keys.lists, keys.counts, keys.ones].flatMap((queryKey) =>
    client.getQueriesData({ queryKey }),
  );
  place(client, ticket, false);
  return before;
}

/** Takes an unconfirmed change back. */
export function putBack(client: QueryClient, before: Before): void {
  for (const [key, data] of before) client.setQueryData(key, data);
}

/** Takes a ticket that may no longer be seen out of everything. */
export function dropTicket(client: QueryClient, id: number, number: string): void {
  const before = knownTicket(client, id);
  eachList(client, (_asked, pages) => without(pages, id));
  if (before) {
    eachCount(client, (filter, count) =>
      Math.max(0, count - Number(matches(filter, before, currentPerson()))),
    );
    countInViews(client, null, before);
  }
  client.removeQueries({ queryKey: keys.messages(id) });
  client.removeQueries({ queryKey: keys.history(id) });
  // The open page asks again and shows that the ticket is gone.
  void client.resetQueries({ queryKey: keys.one(number) });
}

/** A ticket as the page knows it, from wherever it was seen. */
export function knownTicket(client: QueryClient, id: number): Ticket | undefined {
  return known(client, (ticket) => ticket.id === id);
}

/** Somebody of whom the page has seen a ticket. */
export function requesterKnown(client: QueryClient, id: number): Ticket['requester'] | undefined {
  return known(client, (ticket) => ticket.user_id === id)?.requester;
}

function known(client: QueryClient, is: (ticket: Ticket) => boolean): Ticket | undefined {
  const ones = client.getQueriesData<Ticket>({ queryKey: keys.ones }).map(([, ticket]) => ticket);
  return (
    ones.find((ticket) => ticket && is(ticket)) ??
    client
      .getQueriesData<TicketPages>({ queryKey: keys.lists })
      .flatMap(([, list]) => list?.pages.flatMap((page) => page.data) ?? [])
      .find(is)
  );
}

/** The ticket as it is now, where it stood. */
function inPlace(list: TicketPages, ticket: Ticket): TicketPages {
  const pages = list.pages.map((page) => ({
    ...page,
    data: page.data.map((other) => (other.id === ticket.id ? ticket : other)),
  }));
  return { ...list, pages };
}

function without(list: TicketPages, id: number): TicketPages {
  const pages = list.pages.map((page) =>
    page.data.some((ticket) => ticket.id === id)
      ? { ...page, data: page.data.filter((ticket) => ticket.id !== id) }
      : page,
  );
  return { ...list, pages };
}

/** Puts a ticket at its place; beyond what is loaded it has none, and comes with its page. */
function withRow(list: TicketPages, ticket: Ticket, sort?: Sort): TicketPages {
  const last = list.pages.length - 1;
  let placed = false;
  const pages = list.pages.map((page, index) => {
    if (placed) return page;
    const at = page.data.findIndex((other) => isAbove(ticket, other, sort));
    if (at < 0 && (index < last || page.page.next_cursor)) return page;
    placed = true;
    return { ...page, data: page.data.toSpliced(at < 0 ? page.data.length : at, 0, ticket) };
  });
  return { ...list, pages };
}

function eachList(
  client: QueryClient,
  change: (asked: ListQuery, list: TicketPages, key: QueryKey) => TicketPages,
): void {
  for (const [key, list] of client.getQueriesData<TicketPages>({ queryKey: keys.lists })) {
    if (list) client.setQueryData(key, change(key[2] as ListQuery, list, key));
  }
}

function eachCount(client: QueryClient, change: (filter: TicketFilter, count: number) => number) {
  for (const [key, count] of client.getQueriesData<unknown>({ queryKey: keys.counts })) {
    if (typeof count === 'number') client.setQueryData(key, change(key[2] as TicketFilter, count));
  }
}
