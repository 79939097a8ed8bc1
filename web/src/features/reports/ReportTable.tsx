import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { GroupBy, Report, ReportGroup } from '~/api/types';
import { IconDownload } from '~/ui/icons';
import page from '~/ui/page.module.css';
import table from '~/ui/table.module.css';
import { behindOf } from './back';
import { saveCsv } from './csv';
import type { Column } from './figures';
import { useGroupName } from './names';
import { count } from './numbers';
import classes from './Reports.module.css';
import { isTime, type NarrowedBy, type ReportSearch } from './search';
import { useReportSearch } from './useReportSearch';

/** A number of one part. */
function numberOf(by: GroupBy, group: ReportGroup, figure: Column['figure']): ReportSearch {
  const days = { figure, from: group.from, to: group.to };
  return isTime(by) ? days : { ...days, group_by: by as NarrowedBy, group: group.key ?? '' };
}

/** The numbers of a report's parts, each of which leads to its tickets; all of it is handed over as a file, too. */
export function ReportTable(props: {
  name: string;
  columns: Column[];
  report: Pick<Report, 'groups' | 'group_by' | 'period'>;
}) {
  const { t, i18n } = useTranslation('reports');
  const { groups, group_by: by, period } = props.report;
  const nameOf = useGroupName(by);
  const left = groups.some(({ backlog }) => typeof backlog === 'number');
  const open = groups.some(({ open_tickets }) => typeof open_tickets === 'number');
  const save = () =>
    saveCsv(
      [
        [
          t(`by.${by}`),
          ...props.columns.map(({ name }) => t(`column.${name}`)),
          ...(left ? [t('column.backlog')] : []),
          ...(open ? [t('column.open')] : []),
        ],
        ...groups.map((group) => [
          isTime(by) ? group.from : nameOf(group),
          ...props.columns.map(({ value }) => value(group.figures)),
          ...(left ? [group.backlog] : []),
          ...(open ? [group.open_tickets] : []),
        ]),
      ],
      `${props.name} ${period.from} ${period.to}`,
    );
  return (
    <section className={page.card} aria-label={t('numbers')}>
      <div className={classes.wide}>
        <table className={`${table.table} ${table.blocks}`} aria-label={props.name}>
          <thead>
            <tr>
              <th scope="col">{t(`by.${by}`)}</th>
              {props.columns.map(({ name }) => (
                <th key={name} scope="col">
                  {t(`column.${name}`)}
                </th>
              ))}
              {left && <th scope="col">{t('column.backlog')}</th>}
              {open && <th scope="col">{t('column.open')}</th>}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.key ?? ''}>
                <th scope="row">{nameOf(group)}</th>
                {props.columns.map((column) => (
                  <td
                    key={column.name}
                    data-label={t(`column.${column.name}`)}
                    className={classes.number}
                  >
                    <NumberCell column={column} group={group} by={by} name={nameOf(group)} />
                  </td>
                ))}
                {left && (
                  <td data-label={t('column.backlog')} className={classes.number}>
                    {count(group.backlog ?? 0, i18n.language)}
                  </td>
                )}
                {open && (
                  <td data-label={t('column.open')} className={classes.number}>
                    <Open group={group} by={by} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={classes.foot}>
        <span className={page.dim}>{t('parts', { count: groups.length })}</span>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={16} />}
          disabled={groups.length === 0}
          onClick={save}
        >
          {t('save')}
        </Button>
      </div>
    </section>
  );
}

/** A number; one of tickets leads to them. */
function NumberCell(props: { column: Column; group: ReportGroup; by: GroupBy; name: string }) {
  const { t, i18n } = useTranslation('reports');
  const { column, group, by } = props;
  const here = useReportSearch();
  const shown = column.shown(group.figures, i18n.language);
  if (!column.figure || column.value(group.figures) === 0) return shown;
  return (
    <Link
      to="/reports"
      search={behindOf(here, numberOf(by, group, column.figure))}
      aria-label={t('look', { name: t(`column.${column.name}`), group: props.name, number: shown })}
    >
      {shown}
    </Link>
  );
}

/** What waits for a member now: it is in their list. */
function Open({ group, by }: { group: ReportGroup; by: GroupBy }) {
  const { i18n } = useTranslation();
  const shown = count(group.open_tickets ?? 0, i18n.language);
  if (by !== 'agent' || !group.key || !group.open_tickets) return shown;
  const search = {
    view: 'all',
    assigned_to: group.key,
    status: 'open,in_progress,waiting_customer',
  };
  return (
    <Link to="/" search={search}>
      {shown}
    </Link>
  );
}
