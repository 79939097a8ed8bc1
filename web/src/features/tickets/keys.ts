import type { ListQuery, TicketFilter } from './views';

/**
 * The names under which tickets are cached. Lists, counts, single tickets, messages and histories
 * have separate roots, so that an event can make stale exactly what it touched.
 */
export const keys = {
  lists: ['tickets', 'list'] as const,
  list: (query: ListQuery) => ['tickets', 'list', query] as const,
  counts: ['tickets', 'count'] as const,
  count: (filter: TicketFilter) => ['tickets', 'count', filter] as const,
  /** What is in each view; below the counts, so that they are asked for again together. */
  viewCounts: ['tickets', 'count', 'of-views'] as const,
  views: ['views'] as const,
  /** By number, because numbers are in the addresses that people share. */
  one: (number: string) => ['tickets', 'one', number] as const,
  ones: ['tickets', 'one'] as const,
  messages: (id: number) => ['tickets', 'messages', id] as const,
  history: (id: number) => ['tickets', 'history', id] as const,
  links: (id: number) => ['tickets', 'links', id] as const,
  presence: (id: number) => ['presence', id] as const,
  search: (q: string) => ['tickets', 'search', q] as const,
  agents: ['agents'] as const,
};
