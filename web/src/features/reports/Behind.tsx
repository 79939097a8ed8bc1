import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Figure, TicketCounted } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { fullName } from '~/ui/Initials';
import { IconArrowLeft, IconTicket } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { RowsToCome } from '~/ui/RowsToCome';
import table from '~/ui/table.module.css';
import { StatusMark } from '../tickets/Marks';
import { reportBefore } from './back';
import { count, dayName, NONE, span } from './numbers';
import { behindQuery } from './queries';
import classes from './Reports.module.css';
import type { ReportSearch } from './search';

/** The tickets behind a number: as many rows as it says. */
export function Behind({ search, figure }: { search: ReportSearch; figure: Figure }) {
  const { t, i18n } = useTranslation('reports');
  const list = useInfiniteQuery(behindQuery(search));
  const rows = list.data?.pages.flatMap((one) => one.data) ?? [];
  const total = list.data?.pages[0]?.page.total ?? 0;
  const day = (text: string) => dayName(text, i18n.language, true);
  return (
    <>
      <p>
        <Link to="/reports" search={reportBefore(search)}>
          <IconArrowLeft size={14} aria-hidden="true" /> {t('back')}
        </Link>
      </p>
      <h2 className={page.heading}>
        {t(`column.${figure}` as 'column.created')}
        {search.from && search.to && ` · ${day(search.from)} – ${day(search.to)}`}
        {list.isSuccess && ` · ${count(total, i18n.language)}`}
      </h2>
      {figure === 'rated' && <Points search={search} />}
      <section className={page.card} aria-label={t('behind')}>
        {list.isPending ? (
          <RowsToCome label={t('loading')} />
        ) : !list.data ? (
          <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState
            icon={<IconTicket size={24} stroke={1.5} />}
            title={t('behind_none')}
            text={t('behind_none_text')}
          />
        ) : (
          <Rows rows={rows} figure={figure} />
        )}
      </section>
      <More list={list} ask={t('more')} failed={t('more_error')} />
    </>
  );
}

const POINTS = [5, 4, 3, 2, 1];

/** Ratings of so many points alone; a number that is of an agent or a team stays theirs. */
function Points({ search }: { search: ReportSearch }) {
  const { t } = useTranslation('reports');
  const navigate = useNavigate();
  const { group_by, group, ...whole } = search;
  if (group_by && group_by !== 'rating') return null;
  const go = (points: string) =>
    void navigate({
      to: '/reports',
      search: points ? { ...whole, group_by: 'rating', group: points } : whole,
    });
  return (
    <NativeSelect
      className={classes.points}
      size="xs"
      label={t('points')}
      value={group ?? ''}
      onChange={(event) => go(event.currentTarget.value)}
      data={[
        { value: '', label: t('points_any') },
        ...POINTS.map((points) => ({
          value: String(points),
          label: t('stars', { count: points }),
        })),
      ]}
    />
  );
}

function Rows({ rows, figure }: { rows: TicketCounted[]; figure: Figure }) {
  const { t, i18n } = useTranslation('reports');
  const timed = rows.some(({ minutes }) => typeof minutes === 'number');
  const rated = figure === 'rated';
  return (
    <div className={classes.wide}>
      <table className={`${table.table} ${table.blocks}`} aria-label={t('behind')}>
        <thead>
          <tr>
            <th scope="col">{t('ticket')}</th>
            <th scope="col">{t('status')}</th>
            <th scope="col">{t('requester')}</th>
            <th scope="col">{t('by.agent')}</th>
            <th scope="col">{t('when')}</th>
            {timed && <th scope="col">{t('took')}</th>}
            {rated && <th scope="col">{t('points')}</th>}
            {rated && <th scope="col">{t('words')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, agent, minutes, rating, comment, ticket }) => (
            <tr key={`${ticket.id} ${at}`}>
              <th scope="row">
                <Link
                  to="/tickets/$number"
                  params={{ number: ticket.ticket_number }}
                  search={{ view: 'all' }}
                >
                  {ticket.subject}
                </Link>{' '}
                <span className={page.dim}>{ticket.ticket_number}</span>
              </th>
              <td data-label={t('status')}>
                <StatusMark status={ticket.status} short />
              </td>
              <td data-label={t('requester')}>{fullName(ticket.requester)}</td>
              <td data-label={t('by.agent')}>{agent ? fullName(agent) : t('none_of.agent')}</td>
              <td data-label={t('when')}>
                <RelativeTime at={at} />
              </td>
              {timed && (
                <td data-label={t('took')} className={classes.number}>
                  {span(minutes, i18n.language)}
                </td>
              )}
              {rated && (
                <td data-label={t('points')} className={classes.number}>
                  {rating}
                </td>
              )}
              {rated && (
                <td data-label={t('words')} className={classes.words}>
                  {comment ?? NONE}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
