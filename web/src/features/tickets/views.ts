import type { BuiltInView, TicketQuery } from '~/api/types';

/** What the API filters by: words, several of them separated by commas. */
export type TicketFilter = TicketQuery;

/** By which time a list is sorted, `-` for the latest first; the first is what it is unless told. */
export const SORTS = [
  '-created_at',
  'created_at',
  '-updated_at',
  'updated_at',
  'due_at',
  'waiting',
] as const;
export type Sort = (typeof SORTS)[number];

/** Ways by which tickets usually come; an import may name others. */
export const CHANNELS = ['web', 'email', 'api', 'import'] as const;

/** What a list asks for: what it is narrowed to, and its order where that is not the usual one. */
export type ListQuery = TicketFilter & { sort?: Sort };

/** Views that everybody has, in the order in which they are shown. */
export const BUILT_IN = [
  'mine',
  'unassigned',
  'all',
  'waiting',
  'snoozed',
  'breaching',
] as const satisfies readonly BuiltInView[];

/** The key of a built-in view, or the id of a saved one. */
export type View = string;

/** Statuses in which somebody still has something to do. */
const ACTIVE = 'open,in_progress,waiting_customer';

/** The words of the built-in views. */
const WORDS: Record<BuiltInView, TicketFilter> = {
  mine: { assigned_to: 'me', status: ACTIVE, snoozed: false },
  unassigned: { assigned_to: 'none', status: 'open', snoozed: false },
  all: {},
  waiting: { status: 'waiting_customer', snoozed: false },
  snoozed: { snoozed: true },
  breaching: { sla: 'warning,breached', status: ACTIVE, snoozed: false },
};

export function isBuiltIn(view: View): view is BuiltInView {
  return (BUILT_IN as readonly string[]).includes(view);
}

/** What the server is asked for a built-in view. */
export function filterOf(view: BuiltInView): TicketFilter {
  return view === 'all' ? {} : { view };
}

/** A built-in view in words that can be saved, and that this page can judge tickets by. */
export function wordsOf(view: BuiltInView): TicketFilter {
  return WORDS[view];
}

/** The view that an address names; a mistyped one is the first. */
export function viewOf(value: unknown): View {
  const text = String(value ?? '');
  return isBuiltIn(text) || /^[1-9]\d*$/.test(text) ? text : 'mine';
}
