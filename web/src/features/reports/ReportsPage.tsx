import { Skeleton } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Overview, Report } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconLock } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { Behind } from './Behind';
import { DividedReport } from './DividedReport';
import { OverviewReport } from './OverviewReport';
import { PeriodPicker } from './PeriodPicker';
import { reportQuery } from './queries';
import classes from './Reports.module.css';
import { divisionOf, REPORTS, type ReportName, type ReportSearch } from './search';
import { useReportSearch } from './useReportSearch';

/** What tickets come to: numbers, pictures, and the tickets behind them. */
export function ReportsPage() {
  const { t } = useTranslation('reports');
  useTitle(t('title'));
  const search = useReportSearch();
  if (!mayArrange(usePerson())) {
    return (
      <EmptyState
        icon={<IconLock size={24} stroke={1.5} />}
        title={t('forbidden')}
        text={t('forbidden_text')}
      />
    );
  }
  const report = search.report ?? 'overview';
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      {search.figure ? (
        <Behind search={search} figure={search.figure} />
      ) : (
        <>
          <Tabs search={search} here={report} />
          {report === 'overview' ? (
            <OverviewPart search={search} />
          ) : (
            <DividedPart key={report} name={report} search={search} />
          )}
        </>
      )}
    </>
  );
}

function Tabs({ search, here }: { search: ReportSearch; here: ReportName }) {
  const { t } = useTranslation('reports');
  const { from, to } = search;
  return (
    <nav className={classes.tabs} aria-label={t('reports')}>
      {REPORTS.map((report) => (
        <Link
          key={report}
          to="/reports"
          search={{ from, to, report }}
          activeProps={{ 'aria-current': undefined }}
          aria-current={report === here ? 'page' : undefined}
        >
          {t(`report.${report}`)}
        </Link>
      ))}
    </nav>
  );
}

function OverviewPart({ search }: { search: ReportSearch }) {
  const { from, to } = search;
  const found = useQuery(
    reportQuery('overview', { from, to, group_by: divisionOf('overview', search.by) }),
  );
  return (
    <Part name="overview" search={search} found={found}>
      {found.data && <OverviewReport report={found.data} />}
    </Part>
  );
}

function DividedPart(props: { name: Exclude<ReportName, 'overview'>; search: ReportSearch }) {
  const { name, search } = props;
  const { from, to } = search;
  const found = useQuery(reportQuery(name, { from, to, group_by: divisionOf(name, search.by) }));
  return (
    <Part name={name} search={search} found={found}>
      {found.data && <DividedReport name={name} report={found.data} />}
    </Part>
  );
}

/** The days above a report, and the report in whatever state it is. */
function Part(props: {
  name: ReportName;
  search: ReportSearch;
  found: UseQueryResult<Report | Overview>;
  children: ReactNode;
}) {
  const { t } = useTranslation('reports');
  const { found } = props;
  return (
    <>
      <PeriodPicker report={props.name} search={props.search} period={found.data?.period} />
      {found.data && !found.data.period.is_complete && (
        <p className={page.hint} role="status">
          {t('incomplete')}
        </p>
      )}
      {found.data ? (
        <div className={found.isPlaceholderData ? classes.busy : undefined}>
          <p className={page.dim}>{t('zone', { zone: found.data.period.time_zone })}</p>
          {props.children}
        </div>
      ) : found.isError ? (
        <ErrorState title={t('error')} error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t('loading')}>
          <Skeleton height={200} mt={16} radius={12} />
        </div>
      )}
    </>
  );
}
