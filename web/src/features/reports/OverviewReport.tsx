import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '~/api/types';
import { Section } from '~/ui/Section';
import table from '~/ui/table.module.css';
import { BarChart } from './BarChart';
import { behindOf } from './back';
import { COLUMNS } from './figures';
import { useGroupName } from './names';
import { count } from './numbers';
import classes from './Reports.module.css';
import { ReportTable } from './ReportTable';
import { Tiles } from './Tiles';
import { TimeChart } from './TimeChart';
import { useReportSearch } from './useReportSearch';

/** What came, what was done, how fast, how well it was liked, and what is left. */
export function OverviewReport({ report }: { report: Overview }) {
  const { t } = useTranslation('reports');
  const nameOf = useGroupName(report.group_by);
  return (
    <>
      <Tiles overview={report} />
      <Section id="flow" title={t('flow.title')} text={t('flow.text')}>
        <TimeChart
          label={t('flow.title')}
          bars={[t('column.created'), t('column.resolved')]}
          line={t('column.backlog')}
          moments={report.groups.map((group) => ({
            key: group.from,
            name: nameOf(group),
            bars: [group.figures.created, group.figures.resolved],
            line: group.backlog ?? 0,
          }))}
        />
      </Section>
      <ReportTable name={t('report.overview')} columns={COLUMNS.overview} report={report} />
      <div className={classes.two}>
        <Ratings report={report} />
        <Ages report={report} />
      </div>
    </>
  );
}

/** How many ratings of each number of points. */
function Ratings({ report }: { report: Overview }) {
  const { t, i18n } = useTranslation('reports');
  const rows = report.ratings.toReversed();
  const name = (rating: number) => t('stars', { count: rating });
  const days = { from: report.period.from, to: report.period.to };
  const here = useReportSearch();
  return (
    <Section id="ratings" title={t('ratings.title')} text={t('ratings.text')}>
      <BarChart
        label={t('ratings.title')}
        parts={[{ tone: 'first', name: t('column.rated') }]}
        rows={rows.map(({ rating, answers }) => ({
          key: String(rating),
          name: name(rating),
          parts: [answers],
        }))}
      />
      <table className={table.table} aria-label={t('ratings.title')}>
        <thead>
          <tr>
            <th scope="col">{t('points')}</th>
            <th scope="col">{t('column.rated')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ rating, answers }) => (
            <tr key={rating}>
              <th scope="row">{name(rating)}</th>
              <td className={classes.number}>
                {answers === 0 ? (
                  0
                ) : (
                  <Link
                    to="/reports"
                    search={behindOf(here, {
                      ...days,
                      figure: 'rated',
                      group_by: 'rating',
                      group: String(rating),
                    })}
                    aria-label={t('look', {
                      name: t('column.rated'),
                      group: name(rating),
                      number: answers,
                    })}
                  >
                    {count(answers, i18n.language)}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const AGES = ['day', 'three_days', 'week', 'month', 'older'] as const;

/** What waits for somebody, by how long ago it was opened. */
function Ages({ report }: { report: Overview }) {
  const { t, i18n } = useTranslation('reports');
  const rows = AGES.map((age, place) => ({
    key: age,
    name: t(`age.${age}`),
    tickets: report.backlog_ages[place]?.tickets ?? 0,
  }));
  return (
    <Section id="ages" title={t('ages.title')} text={t('ages.text')}>
      <BarChart
        label={t('ages.title')}
        parts={[{ tone: 'second', name: t('column.backlog') }]}
        rows={rows.map(({ key, name, tickets }) => ({ key, name, parts: [tickets] }))}
      />
      <table className={table.table} aria-label={t('ages.title')}>
        <thead>
          <tr>
            <th scope="col">{t('opened')}</th>
            <th scope="col">{t('column.backlog')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, tickets }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td className={classes.number}>{count(tickets, i18n.language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
