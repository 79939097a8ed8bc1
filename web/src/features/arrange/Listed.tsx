import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import type { IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
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
          <RowsToCome label={t('loading')} />
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
