import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Figure, Overview } from '~/api/types';
import { behindOf } from './back';
import { change, count, points, share, span } from './numbers';
import classes from './Reports.module.css';
import { useReportSearch } from './useReportSearch';

/** What it all comes to, and how that was before. */
export function Tiles({ overview }: { overview: Overview }) {
  const { t, i18n } = useTranslation('reports');
  const { totals, previous, period } = overview;
  const language = i18n.language;
  const days = { from: period.from, to: period.to };
  const here = useReportSearch();
  const before = (now: number, then: number) => {
    const told = change(now, then, language);
    return told && t('than_before', { change: told });
  };
  const number = (figure: Figure, now: number, then: number) => (
    <Tile name={t(`column.${figure}` as 'column.created')} side={before(now, then)}>
      <Link to="/reports" search={behindOf(here, { ...days, figure })}>
        {count(now, language)}
      </Link>
    </Tile>
  );
  const of = (value: string) => t('before', { value });
  return (
    <dl className={classes.tiles}>
      {number('created', totals.created, previous.created)}
      {number('resolved', totals.resolved, previous.resolved)}
      <Tile name={t('column.backlog')} side={t('now')}>
        <Link to="/" search={{ view: 'all', status: 'open,in_progress,waiting_customer' }}>
          {count(overview.backlog, language)}
        </Link>
      </Tile>
      <Tile
        name={t('median.first_response')}
        side={t('p90', { value: span(overview.first_response.p90_minutes, language) })}
      >
        {span(overview.first_response.median_minutes, language)}
      </Tile>
      <Tile
        name={t('median.resolution')}
        side={t('p90', { value: span(overview.resolution.p90_minutes, language) })}
      >
        {span(overview.resolution.median_minutes, language)}
      </Tile>
      <Tile name={t('column.response_rate')} side={of(share(previous.response.rate, language))}>
        {share(totals.response.rate, language)}
      </Tile>
      <Tile name={t('column.resolution_rate')} side={of(share(previous.resolution.rate, language))}>
        {share(totals.resolution.rate, language)}
      </Tile>
      <Tile name={t('column.csat')} side={of(points(previous.csat.average, language))}>
        {points(totals.csat.average, language)}
      </Tile>
      {number('reopened', totals.reopened, previous.reopened)}
    </dl>
  );
}

function Tile(props: { name: string; side?: string | null; children: ReactNode }) {
  return (
    <div className={classes.tile}>
      <dt>{props.name}</dt>
      <dd className={classes.value}>{props.children}</dd>
      {props.side && <dd className={classes.side}>{props.side}</dd>}
    </div>
  );
}
