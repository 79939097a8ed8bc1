import { useSearch } from '@tanstack/react-router';
import { type ReportSearch, reportOf } from './search';

/** Which report is looked at; it stands in the address, so that it can be kept and shared. */
export function useReportSearch(): ReportSearch {
  return reportOf(useSearch({ strict: false }) as Record<string, unknown>);
}
