import type { TicketFilter, View } from './views';
import { viewOf } from './views';

/** What the list can be narrowed by on this page; it stands in the address beside the view. */
export const NARROWS = [
  'status',
  'priority',
  'assigned_to',
  'team',
  'category',
  'tag',
  'sla',
  'q',
] as const;
export type Narrow = (typeof NARROWS)[number];
export type Narrowing = { [name in Narrow]?: string };

/** What an address says about the list: the view, and what it is narrowed to further. */
export type QueueSearch = { view?: View } & Narrowing;

/** Filters that take several words, of which a ticket has any. */
const SEVERAL = new Set<string>(['status', 'priority', 'category', 'tag', 'sla', 'channel']);

/** Reads the queue's part of an address. A number in an address is read as one, and is a word here. */
export function queueOf(search: Record<string, unknown>): QueueSearch {
  const given = NARROWS.flatMap((name) => {
    const value = search[name];
    const word = typeof value === 'number' ? String(value) : value;
    return typeof word === 'string' && word.trim() ? [[name, word]] : [];
  });
  const view = search.view === undefined ? {} : { view: viewOf(search.view) };
  return { ...view, ...Object.fromEntries(given) };
}

/** Only what narrows, without the view. */
export function narrowingOf({ view: _, ...narrowing }: QueueSearch): Narrowing {
  return narrowing;
}

export function isNarrowed(narrowing: Narrowing): boolean {
  return Object.keys(narrowing).length > 0;
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
