import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import type { IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import classes from './Listed.module.css';

/** A heading, and below it a card with things of one kind, in whatever state their list is. */
export function Listed<T>(props: {
  list: UseQueryResult<T[]>;
  title: string;
  /** What can be done beside the heading. */
  action?: ReactNode;
  /** What is said when there is nothing, and what that means. */
  none: string;
  noneText: string;
  icon: typeof IconPlus;
  row: (one: T) => ReactNode;
}) {
  const { t } = useTranslation('arrange');
  const { list, icon: Icon } = props;
  return (
    <>
      <div className={classes.head}>
        <h2 className={page.heading}>{props.title}</h2>
        {props.action}
      </div>
      <div className={page.card}>
        {list.isPending ? (
          <div role="status" aria-busy="true" aria-label={t('loading')} className={page.section}>
            <Skeleton height={14} width="60%" />
            <Skeleton height={14} width="45%" />
          </div>
        ) : list.isError && !list.data ? (
          <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
        ) : list.data.length === 0 ? (
          <EmptyState
            icon={<Icon size={24} stroke={1.5} />}
            title={props.none}
            text={props.noneText}
          />
        ) : (
          <ul className={page.rows} aria-label={props.title}>
            {list.data.map(props.row)}
          </ul>
        )}
      </div>
    </>
  );
}
