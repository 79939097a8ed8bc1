import { ActionIcon, Skeleton, Tooltip } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconAlertTriangle, IconCircleCheck, IconPlus } from '~/ui/icons';
import { useCommand } from '../console/commands';
import { FindTicket } from './FindTicket';
import { ticketList } from './queries';
import classes from './TicketList.module.css';
import { ROW_HEIGHT } from './TicketRow';
import { TicketRows } from './TicketRows';
import { useView } from './useView';
import { ViewMenu } from './ViewMenu';
import { filterOf } from './views';

/** Rows drawn as a promise while the first page is on its way. */
const SKELETONS = 12;

/** The middle column: the tickets of the chosen view, in whatever state they are. */
export function TicketList() {
  const { t } = useTranslation('tickets');
  const view = useView();
  const { number } = useParams({ strict: false });
  const list = useInfiniteQuery(ticketList(filterOf(view)));
  const tickets = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const navigate = useNavigate();
  useCommand('new', () => void navigate({ to: '/tickets/new' }));
  const scroll = useRef<HTMLDivElement>(null);
  return (
    <section
      className={classes.list}
      data-ticket-list
      aria-label={t('list.label', { view: t(`views.${view}`) })}
    >
      <header className={classes.head}>
        <div className={classes.top}>
          <ViewMenu view={view} />
          <Tooltip label={`${t('new.title')} (C)`}>
            <ActionIcon
              component={Link}
              to="/tickets/new"
              variant="subtle"
              color="gray"
              aria-label={t('new.title')}
            >
              <IconPlus size={18} />
            </ActionIcon>
          </Tooltip>
        </div>
        <FindTicket />
      </header>
      {list.isError && list.data && (
        <p className={classes.stale} role="status">
          <IconAlertTriangle size={14} aria-hidden="true" /> {t('list.stale')}
        </p>
      )}
      <div ref={scroll} className={classes.scroll}>
        {list.isPending ? (
          <Promised label={t('list.label', { view: t(`views.${view}`) })} />
        ) : list.isError && !list.data ? (
          <ErrorState
            title={t('list.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : tickets.length === 0 ? (
          <EmptyState
            icon={<IconCircleCheck size={24} stroke={1.5} />}
            title={t(`list.empty.${view}`)}
            text={t(`list.empty.${view}_text`)}
          />
        ) : (
          <TicketRows
            key={view}
            tickets={tickets}
            view={view}
            openNumber={number ?? null}
            scroll={scroll}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            loadingMore={list.isFetchingNextPage}
          />
        )}
      </div>
    </section>
  );
}

function Promised({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: SKELETONS }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same and never move.
        <div key={row} className={classes.skeleton} style={{ height: ROW_HEIGHT }}>
          <Skeleton height={10} width="40%" />
          <Skeleton height={12} width="85%" />
          <Skeleton height={8} width="55%" />
        </div>
      ))}
    </div>
  );
}
