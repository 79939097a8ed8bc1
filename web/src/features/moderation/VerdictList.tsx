import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconFileOff } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
import type { ModerationHash } from './types';
import { VerdictRow } from './VerdictRow';

/** Judged contents, in whatever state their list is. */
export function VerdictList(props: {
  list: Pick<UseInfiniteQueryResult, 'error' | 'refetch' | 'isPending'>;
  rows: ModerationHash[] | undefined;
  /** Whether only some of them are asked for. */
  narrowed: boolean;
  onAll: () => void;
  onEdit: (hash: ModerationHash) => void;
  onGone: (name: string) => void;
}) {
  const { t } = useTranslation('moderation');
  const { list, rows, narrowed } = props;
  return (
    <div className={page.card}>
      {list.isPending ? (
        <RowsToCome label={t('loading')} />
      ) : !rows ? (
        <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState
          icon={<IconFileOff size={24} stroke={1.5} />}
          title={t(narrowed ? 'nothing' : 'none')}
          text={narrowed ? undefined : t('none_text')}
        >
          {narrowed && (
            <Button variant="default" onClick={props.onAll}>
              {t('clear')}
            </Button>
          )}
        </EmptyState>
      ) : (
        <ul className={page.rows} aria-label={t('list')}>
          {rows.map((hash) => (
            <VerdictRow
              key={hash.id}
              hash={hash}
              onEdit={() => props.onEdit(hash)}
              onGone={props.onGone}
            />
          ))}
        </ul>
      )}
    </div>
  );
}
