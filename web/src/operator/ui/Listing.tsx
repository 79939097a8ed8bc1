import { Button, Skeleton } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { Stale } from './Stale';
import classes from './ui.module.css';

type Pages<T> = InfiniteData<{ data: T[]; page: { total?: number | null } }>;

/**
 * A list in whatever state it is: on its way, refused, without anything in it, with rows and perhaps
 * more of them. Rows that could not be asked for anew stay, and it is said that they are older.
 */
export function Listing<T>(props: {
  list: UseInfiniteQueryResult<Pages<T>>;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}) {
  const { t } = useTranslation('operator');
  const { list } = props;
  if (list.isPending) return <Promised />;
  if (!list.data) {
    return (
      <div className={page.card}>
        <ErrorState
          title={t('list.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      </div>
    );
  }
  const rows = list.data.pages.flatMap((one) => one.data);
  const total = list.data.pages[0]?.page.total;
  return (
    <>
      <Stale when={list.isRefetchError && !list.isFetchNextPageError} />
      <div className={page.card}>{rows.length === 0 ? props.empty : props.children(rows)}</div>
      {list.isFetchNextPageError && (
        <p className={page.problem} role="alert">
          {t('list.more_error')}
        </p>
      )}
      <div className={classes.foot}>
        {list.hasNextPage && (
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('list.more')}
          </Button>
        )}
        {typeof total === 'number' && rows.length > 0 && (
          <span className={page.dim}>{t('list.shown', { shown: rows.length, total })}</span>
        )}
      </div>
    </>
  );
}

/** What stands where something will be. */
export function Promised() {
  const { t } = useTranslation('operator');
  return (
    <div
      role="status"
      aria-busy="true"
      aria-label={t('list.loading')}
      className={`${page.card} ${page.section}`}
    >
      {[62, 48, 70, 55].map((width) => (
        <Skeleton key={width} height={14} width={`${width}%`} />
      ))}
    </div>
  );
}
