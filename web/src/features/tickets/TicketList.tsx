import { ActionIcon, Button, Skeleton, Tooltip } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type KeyboardEvent, Suspense, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconAlertTriangle, IconBookmark, IconCircleCheck, IconPlus } from '~/ui/icons';
import { useBulk } from '../bulk/useBulk';
import { type Selection, useSelection } from '../bulk/useSelection';
import { useCommand } from '../console/commands';
import { BulkBar, BulkResult, FindTicket, ListActions, Narrowed } from '../console/lazily';
import { NarrowMenu } from './NarrowMenu';
import { ticketList } from './queries';
import classes from './TicketList.module.css';
import { ROW_HEIGHT } from './TicketRow';
import { TicketRows } from './TicketRows';
import { useNarrow } from './useNarrow';
import { type Queue, useQueue } from './useQueue';
import { ViewMenu } from './ViewMenu';
import { BUILT_IN, isBuiltIn } from './views';

/** Rows drawn as a promise while the first page is on its way. */
const SKELETONS = 12;

/** The middle column: the tickets of the chosen view, in whatever state they are. */
export function TicketList() {
  const { t } = useTranslation('tickets');
  const queue = useQueue();
  const { number } = useParams({ strict: false });
  const list = useInfiniteQuery({
    ...ticketList(queue.asked ?? {}),
    enabled: queue.asked !== null,
  });
  const tickets = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const scroll = useRef<HTMLDivElement>(null);
  const label = t('list.label', { view: queue.name });
  const selection = useSelection(tickets, JSON.stringify(queue.filter));
  useViewKeys();
  return (
    <section
      className={classes.list}
      data-ticket-list
      aria-label={label}
      onKeyDown={(event) => leavesSelection(event) && selection.clear()}
    >
      <Head queue={queue} hidden={selection.ids.size > 0} />
      <Bulk selection={selection} loaded={tickets.length} />
      {list.isError && list.data && !list.isFetchNextPageError && (
        <p className={classes.stale} role="status">
          <IconAlertTriangle size={14} aria-hidden="true" /> {t('list.stale')}
        </p>
      )}
      <div ref={scroll} className={classes.scroll}>
        {queue.gone ? (
          <Gone />
        ) : list.isPending ? (
          <Promised label={label} />
        ) : list.isError && !list.data ? (
          <ErrorState
            title={t('list.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : tickets.length === 0 ? (
          <Nothing queue={queue} />
        ) : (
          <TicketRows
            key={JSON.stringify(queue.asked)}
            tickets={tickets}
            search={queue.search}
            selection={selection}
            openNumber={number ?? null}
            scroll={scroll}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            loadingMore={list.isFetchingNextPage}
            failed={list.isFetchNextPageError}
          />
        )}
      </div>
    </section>
  );
}

/** Which list it is, and what can be done with it as a whole. */
function Head({ queue, hidden }: { queue: Queue; hidden: boolean }) {
  const { t } = useTranslation('tickets');
  const navigate = useNavigate();
  useCommand('new', () => void navigate({ to: '/tickets/new' }));
  return (
    <header className={classes.head} hidden={hidden}>
      <div className={classes.top}>
        <ViewMenu view={queue.view} name={queue.name} />
        <span className={classes.buttons}>
          <Suspense fallback={null}>
            <ListActions queue={queue} />
          </Suspense>
          <NarrowMenu queue={queue} />
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
        </span>
      </div>
      <Suspense fallback={<div className={classes.promised} />}>
        <FindTicket />
        {queue.narrowed && <Narrowed queue={queue} />}
      </Suspense>
    </header>
  );
}

/** What is done with the selected rows, and what became of it. */
function Bulk({ selection, loaded }: { selection: Selection; loaded: number }) {
  const bulk = useBulk();
  const busy = bulk.pending || bulk.job?.state === 'running';
  return (
    <Suspense fallback={null}>
      {selection.ids.size > 0 && (
        <BulkBar
          selection={selection}
          loaded={loaded}
          pending={busy}
          onChange={(change) => bulk.begin({ ...change, ids: [...selection.ids] }, selection.clear)}
        />
      )}
      {(bulk.job || bulk.pending || bulk.error) && <BulkResult bulk={bulk} />}
    </Suspense>
  );
}

/** Escape leaves a selection, but neither a field nor what floats above the list. */
function leavesSelection({ key, target, currentTarget }: KeyboardEvent<HTMLElement>): boolean {
  const at = target as HTMLElement;
  return (
    key === 'Escape' && currentTarget.contains(at) && !at.matches('input:not([type=checkbox])')
  );
}

/** G and then a letter leads to a view that everybody has. */
function useViewKeys(): void {
  const navigate = useNavigate();
  const go = (at: number) => void navigate({ to: '/', search: { view: BUILT_IN[at] } });
  useCommand('go_mine', () => go(0));
  useCommand('go_unassigned', () => go(1));
  useCommand('go_all', () => go(2));
  useCommand('go_waiting', () => go(3));
  useCommand('go_snoozed', () => go(4));
  useCommand('go_breaching', () => go(5));
}

function Nothing({ queue }: { queue: Queue }) {
  const { t } = useTranslation('queue');
  const narrow = useNarrow(queue);
  const kind = queue.narrowed ? 'narrowed' : isBuiltIn(queue.view) ? queue.view : 'saved';
  return (
    <EmptyState
      icon={<IconCircleCheck size={24} stroke={1.5} />}
      title={t(`empty.${kind}`)}
      text={t(`empty.${kind}_text`)}
    >
      {queue.narrowed && (
        <Button size="xs" variant="default" onClick={() => narrow({})}>
          {t('narrow.clear')}
        </Button>
      )}
    </EmptyState>
  );
}

/** For those who follow a link to a view that somebody has removed. */
function Gone() {
  const { t } = useTranslation('queue');
  return (
    <EmptyState
      icon={<IconBookmark size={24} stroke={1.5} />}
      title={t('views.gone')}
      text={t('views.gone_text')}
    >
      <Button size="xs" variant="default" component={Link} to="/">
        {t('views.gone_back')}
      </Button>
    </EmptyState>
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
