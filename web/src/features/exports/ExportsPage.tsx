import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconPackageExport } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
import { Section } from '~/ui/Section';
import { useTitle } from '~/ui/useTitle';
import { Refusal } from '../session/Refusal';
import { ExportRow } from './ExportRow';
import { askExport, exportList, isMaking } from './queries';

/** Everything that the organisation has here, taken out as one archive without asking anybody. */
export function ExportsPage() {
  const { t } = useTranslation('exports');
  useTitle(t('title'));
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <Exports />
    </>
  );
}

/** What can be asked for, and the archives that there are. `secondary`: something else is the main act around it. */
export function Exports({ secondary }: { secondary?: boolean }) {
  const { t } = useTranslation('exports');
  const list = useInfiniteQuery(exportList);
  const all = list.data?.pages.flatMap((one) => one.data) ?? [];
  return (
    <>
      <Ask making={all.some(isMaking)} variant={secondary ? 'default' : 'filled'} />
      <section className={page.card} aria-label={t('list')}>
        {list.isPending ? (
          <RowsToCome label={t('loading')} />
        ) : !list.data ? (
          <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
        ) : all.length === 0 ? (
          <EmptyState
            icon={<IconPackageExport size={24} stroke={1.5} />}
            title={t('none')}
            text={t('none_text')}
          />
        ) : (
          <ul className={page.rows}>
            {all.map((one) => (
              <ExportRow key={one.id} archive={one} />
            ))}
          </ul>
        )}
      </section>
      {list.isRefetchError && !list.isFetchNextPageError && (
        <p className={page.problem} role="alert">
          {t('stale')}
        </p>
      )}
      <More list={list} ask={t('more')} failed={t('more_error')} />
    </>
  );
}

/** What an archive holds, and the button that asks for one. */
function Ask({ making, variant }: { making: boolean; variant: 'default' | 'filled' }) {
  const { t } = useTranslation('exports');
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: askExport,
    onSettled: () => client.invalidateQueries({ queryKey: exportList.queryKey }),
  });
  return (
    <Section id="ask" title={t('ask.title')} text={t('ask.text')}>
      <Refusal error={ask.error} />
      <div className={page.foot}>
        <Button
          variant={variant}
          loading={ask.isPending}
          disabled={making}
          onClick={() => ask.mutate()}
        >
          {t('ask.submit')}
        </Button>
        <Word making={making} />
      </div>
    </Section>
  );
}

/** Says that one is being made, and when it is no longer. */
function Word({ making }: { making: boolean }) {
  const { t } = useTranslation('exports');
  const before = useRef(making);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    if (before.current !== making) setEnded(before.current);
    before.current = making;
  }, [making]);
  return (
    <span role="status" className={page.dim}>
      {making ? t('ask.making') : ended ? t('ask.ended') : ''}
    </span>
  );
}
