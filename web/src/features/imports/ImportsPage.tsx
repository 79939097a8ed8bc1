import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
import { Section } from '~/ui/Section';
import { useTitle } from '~/ui/useTitle';
import { DropFile } from './DropFile';
import { ImportCard } from './ImportCard';
import { importList, isOver } from './queries';
import { TakeButtons } from './TakeButtons';
import { useSending } from './useSending';

/** The same as the server's: more than these are not open at a time. */
const MOST_OPEN = 3;

/** Tickets that come from elsewhere, and tickets that are taken away. */
export function ImportsPage() {
  const { t } = useTranslation('imports');
  useTitle(t('title'));
  const list = useQuery(importList);
  const sending = useSending();
  const imports = list.data?.data ?? [];
  const open = imports.filter((one) => !isOver(one)).length;
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <DropFile sending={sending} full={open >= MOST_OPEN} />
      {list.isPending ? (
        <RowsToCome label={t('loading')} />
      ) : !list.data ? (
        <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        imports.map((one) => (
          <ImportCard
            key={one.id}
            of={sending.at?.id === one.id ? sending.at : one}
            sending={sending}
          />
        ))
      )}
      {list.isRefetchError && (
        <p className={page.problem} role="alert">
          {t('stale')}
        </p>
      )}
      <Section id="take" title={t('take.title')} text={t('take.text')}>
        <TakeButtons />
      </Section>
    </>
  );
}
