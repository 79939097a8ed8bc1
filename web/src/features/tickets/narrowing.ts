import { dayStart } from '~/ui/time';
import { SORTS, type Sort, type TicketFilter, type View, viewOf } from './views';

/** What the list can be narrowed by on this page; it stands in the address beside the view. */
export const NARROWS = [
  'status',
  'priority',
  'assigned_to',
  'team',
  'category',
  'tag',
  'sla',
  'channel',
  'user_id',
  'order_id',
  'snoozed',
  'created_from',
  'created_to',
  'q',
] as const;
export type Narrow = (typeof NARROWS)[number];
export type Narrowing = { [name in Narrow]?: string };

/** What an address says about the list: the view, its order, and what it is narrowed to further. */
export type QueueSearch = { view?: View; sort?: Sort } & Narrowing;

/** Filters that take several words, of which a ticket has any. */
const SEVERAL = new Set<string>(['status', 'priority', 'category', 'tag', 'sla', 'channel']);

/** What some of the words have to look like; days are those of the reader's own calendar. */
const DAY = /^\d{4}-\d\d-\d\d$/;
const LIKE: { [name in Narrow]?: RegExp } = {
  user_id: /^[1-9]\d{0,14}$/,
  snoozed: /^(true|false)$/,
  created_from: DAY,
  created_to: DAY,
};

/** Reads the queue's part of an address. What looks like a number or a truth in it is a word here. */
export function queueOf(search: Record<string, unknown>): QueueSearch {
  const given = NARROWS.flatMap((name) => {
    const value = search[name];
    const word = ['number', 'boolean'].includes(typeof value) ? String(value) : value;
    const is = typeof word === 'string' && word.trim() && (LIKE[name]?.test(word) ?? true);
    return is ? [[name, word]] : [];
  });
  const view = search.view === undefined ? {} : { view: viewOf(search.view) };
  const sort = SORTS.find((one) => one === search.sort);
  return { ...view, ...(sort && { sort }), ...Object.fromEntries(given) };
}

/** Only what narrows, without the view and its order. */
export function narrowingOf({ view: _, sort: __, ...narrowing }: QueueSearch): Narrowing {
  return narrowing;
}

export function isNarrowed(narrowing: Narrowing): boolean {
  return Object.keys(narrowing).length > 0;
}

/** What the server is asked for these words; the last day counts to its end. */
export function wordsOfNarrowing(narrowing: Narrowing): TicketFilter {
  const { user_id: user, snoozed, created_from: from, created_to: to, ...words } = narrowing;
  return {
    ...words,
    ...(user && { user_id: Number(user) }),
    ...(snoozed && { snoozed: snoozed === 'true' }),
    ...(from && { created_from: dayStart(from) }),
    ...(to && { created_to: dayStart(to, 1) }),
  };
}

/** One filter that shows what both show; of two words that exclude each other the second counts. */
export function together(first: TicketFilter, second: TicketFilter): TicketFilter {
  const both = { ...first, ...second };
  for (const name of SEVERAL) {
    const key = name as 'status';
    const [one, other] = [first[key], second[key]];
    if (!one || !other) continue;
    const common = other.split(',').filter((word) => one.split(',').includes(word));
    if (common.length > 0) both[key] = common.join(',') as never;
  }
  return both;
}
