import type { Status } from '~/api/types';

/** What the API filters by: words, several of them separated by commas. */
export type TicketFilter = {
  status?: string;
  assigned_to?: string;
  user_id?: number;
  priority?: string;
  sla?: string;
};

export const VIEWS = [
  'mine',
  'unassigned',
  'open',
  'waiting',
  'breaching',
  'resolved',
  'all',
] as const;
export type View = (typeof VIEWS)[number];

/** Statuses in which somebody still has something to do. */
const ACTIVE: Status[] = ['open', 'in_progress', 'waiting_customer'];

const FILTERS: Record<View, TicketFilter> = {
  mine: { assigned_to: 'me', status: ACTIVE.join(',') },
  unassigned: { assigned_to: 'none', status: 'open' },
  open: { status: ACTIVE.join(',') },
  waiting: { status: 'waiting_customer' },
  breaching: { status: ACTIVE.join(','), sla: 'warning,breached' },
  resolved: { status: 'resolved' },
  all: {},
};

export function filterOf(view: View): TicketFilter {
  return FILTERS[view];
}

/** The view that an address names; a mistyped one is the first. */
export function viewOf(value: unknown): View {
  return VIEWS.find((view) => view === value) ?? 'mine';
}
