import type { QueryClient } from '@tanstack/react-query';
import type { Ticket, ViewCounts, Views } from '~/api/types';
import { currentPerson } from '../session/session';
import { keys } from './keys';
import { matches } from './matches';
import { filterOf, isBuiltIn, type TicketFilter } from './views';

/** The highest number that the server counts to. */
export const CAP = 99;

/**
 * Takes a change of one ticket into the counts of the views. Says whether they are right
 * afterwards: what a full count is after one has gone, and what words find, only the server knows.
 */
export function countInViews(
  client: QueryClient,
  ticket: Ticket | null,
  before: Ticket | undefined,
): boolean {
  const counts = client.getQueryData<ViewCounts>(keys.viewCounts);
  if (!counts) return true;
  const me = currentPerson();
  let right = true;
  const data = counts.data.map((one) => {
    const filter = filterOfKey(client, one.view);
    const is = filter && ticket ? matches(filter, ticket, me) : false;
    const was = filter && before ? matches(filter, before, me) : false;
    if (!filter || is === null || was === null || one.count === null) {
      right = false;
      return one;
    }
    if (is === was) return one;
    if (one.capped || (is && one.count >= CAP)) {
      right = false;
      return one;
    }
    return { ...one, count: Math.max(0, one.count + Number(is) - Number(was)) };
  });
  client.setQueryData<ViewCounts>(keys.viewCounts, { ...counts, data });
  return right;
}

function filterOfKey(client: QueryClient, view: string): TicketFilter | undefined {
  if (isBuiltIn(view)) return filterOf(view);
  const saved = client.getQueryData<Views>(keys.views)?.data.find(({ id }) => String(id) === view);
  return saved?.filter as TicketFilter | undefined;
}
