import type { Figure, GroupBy } from '~/api/types';

/** The pages of the reports, and what stands behind a number. */
export const REPORTS = ['overview', 'sla', 'agents', 'volume'] as const;
export type ReportName = (typeof REPORTS)[number];

/** By what each report can be divided; the first unless told. */
export const DIVISIONS = {
  overview: ['day', 'week', 'month'],
  sla: ['priority', 'category', 'agent', 'team', 'channel', 'day', 'week', 'month'],
  agents: ['agent', 'team'],
  volume: ['day', 'week', 'month', 'priority', 'category', 'channel', 'team'],
} as const satisfies Record<ReportName, readonly GroupBy[]>;

const FIGURES = [
  'created',
  'answered',
  'resolved',
  'reopened',
  'closed_unresolved',
  'response_met',
  'response_breached',
  'resolution_met',
  'resolution_breached',
  'rated',
] as const satisfies readonly Figure[];

/** By what the tickets behind a number can be narrowed. */
const NARROWED_BY = ['priority', 'category', 'channel', 'team', 'agent', 'rating'] as const;
export type NarrowedBy = (typeof NARROWED_BY)[number];

/**
 * What an address says about the reports: which one, of which days, and which number is looked behind. `back_from` and
 * `back_to` are the days of the report that one came from.
 */
export type ReportSearch = {
  report?: ReportName;
  from?: string;
  to?: string;
  by?: GroupBy;
  figure?: Figure;
  group_by?: NarrowedBy;
  group?: string;
  back_from?: string;
  back_to?: string;
};

const known = <T extends string>(words: readonly T[], value: unknown): T | undefined =>
  words.find((word) => word === value);
const day = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined;

/** Reads the reports' part of an address; what is mistyped is left out. A number in it is read as one, and is a word here. */
export function reportOf(search: Record<string, unknown>): ReportSearch {
  const group_by = known(NARROWED_BY, search.group_by);
  const found: ReportSearch = {
    report: known(REPORTS, search.report),
    from: day(search.from),
    to: day(search.to),
    by: known<GroupBy>(DIVISIONS.sla, search.by),
    figure: known(FIGURES, search.figure),
    group_by,
    group: group_by && search.group !== undefined ? String(search.group) : undefined,
    back_from: day(search.back_from),
    back_to: day(search.back_to),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The division that an address asks for, where this report has it. */
export function divisionOf(report: ReportName, by: GroupBy | undefined): GroupBy {
  return known<GroupBy>(DIVISIONS[report], by) ?? DIVISIONS[report][0];
}

/** Whether it divides the time. */
export function isTime(by: GroupBy): boolean {
  return by === 'day' || by === 'week' || by === 'month';
}

/** So many days that end on this one, as an address has them. */
export function lastDays(count: number, last: string): { from: string; to: string } {
  const from = new Date(`${last}T00:00:00Z`);
  from.setUTCDate(from.getUTCDate() - count + 1);
  return { from: from.toISOString().slice(0, 10), to: last };
}

/** The day that it is by an organisation's clock. */
export function todayIn(zone: string, now = new Date()): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(now);
}
