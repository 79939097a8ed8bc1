import type { BuiltInView, TicketQuery } from '~/api/types';

/** What the API filters by: words, several of them separated by commas. */
export type TicketFilter = TicketQuery;

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

/** The words of the built-in views; which tickets are snoozed no word of a list says. */
const WORDS: Record<BuiltInView, TicketFilter> = {
  mine: { assigned_to: 'me', status: ACTIVE },
  unassigned: { assigned_to: 'none', status: 'open' },
  all: {},
  waiting: { status: 'waiting_customer' },
  snoozed: {},
  breaching: { sla: 'warning,breached', status: ACTIVE },
};

export function isBuiltIn(view: View): view is BuiltInView {
  return (BUILT_IN as readonly string[]).includes(view);
}

/** What the server is asked for a built-in view: it knows what is snoozed. */
export function filterOf(view: BuiltInView): TicketFilter {
  return view === 'all' ? {} : { view };
}

/** A built-in view in words that can be saved, and that this page can judge tickets by. */
export function wordsOf(view: BuiltInView): TicketFilter {
  return WORDS[view];
}

/** Whether a built-in view shows what is snoozed, only that, or both. */
export function snoozedIn(view: BuiltInView): boolean | null {
  return view === 'all' ? null : view === 'snoozed';
}

/** The view that an address names; a mistyped one is the first. */
export function viewOf(value: unknown): View {
  const text = String(value ?? '');
  return isBuiltIn(text) || /^[1-9]\d*$/.test(text) ? text : 'mine';
}
