import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useExplain } from './explain';
import classes from './Outstanding.module.css';

type Query = Pick<UseQueryResult, 'isError' | 'error' | 'isFetching' | 'refetch'>;

/** In the place of a part of a page that is not there yet, or why it does not come: never as if it were empty. */
export function Outstanding({ query }: { query: Query }) {
  const { t } = useTranslation();
  const explain = useExplain();
  if (!query.isError) return <p className={classes.part}>{t('loading')}</p>;
  return (
    <div className={classes.part} role="alert">
      <p>{explain(query.error)}</p>
      <Button
        size="xs"
        variant="default"
        loading={query.isFetching}
        onClick={() => void query.refetch()}
      >
        {t('retry')}
      </Button>
    </div>
  );
}
