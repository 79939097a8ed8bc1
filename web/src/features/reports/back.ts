import type { ReportSearch } from './search';

/** What stands behind a number of the report at `here`, and the way back to it. */
export function behindOf(
  here: ReportSearch,
  number: Pick<ReportSearch, 'figure' | 'from' | 'to' | 'group_by' | 'group'>,
): ReportSearch {
  const { report, by, from: back_from, to: back_to } = here;
  return said({ ...number, report, by, back_from, back_to });
}

/** The report from which one has looked behind a number. */
export function reportBefore({ report, by, back_from, back_to }: ReportSearch): ReportSearch {
  return said({ report, from: back_from, to: back_to, by });
}

/** Only what is said: an address has no place for the rest. */
function said(search: ReportSearch): ReportSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}
