import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SharedFile } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconFolderShare } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
import { useTitle } from '~/ui/useTitle';
import { useDownload } from '../attachments/useDownload';
import { usePictures } from '../attachments/usePictures';
import { sharedWithMe } from './queries';
import { SharedRow } from './SharedRow';

/** The files that colleagues have shared with whoever is here, of tickets that they may not see. */
export function SharedWithMePage() {
  const { t } = useTranslation('files');
  useTitle(t('mine.title'));
  const list = useInfiniteQuery(sharedWithMe);
  return (
    <>
      <h1 className={page.title}>{t('mine.title')}</h1>
      <p className={page.intro}>{t('mine.intro')}</p>
      <div className={page.card}>
        {list.isPending ? (
          <RowsToCome label={t('mine.loading')} />
        ) : !list.data ? (
          <ErrorState
            title={t('mine.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : (
          <Given shares={list.data.pages.flatMap((one) => one.data)} isAll={!list.hasNextPage} />
        )}
      </div>
      <More list={list} ask={t('more')} failed={t('more_failed')} />
    </>
  );
}

function Given({ shares, isAll }: { shares: SharedFile[]; isAll: boolean }) {
  const { t } = useTranslation('files');
  const download = useDownload();
  const { lookAt, lightbox } = usePictures(shares.map(({ attachment }) => attachment));
  if (shares.length === 0 && isAll) {
    return (
      <EmptyState
        icon={<IconFolderShare size={24} stroke={1.5} />}
        title={t('mine.none')}
        text={t('mine.none_text')}
      />
    );
  }
  return (
    <>
      <ul className={page.rows} aria-label={t('mine.title')}>
        {shares.map((share) => (
          <SharedRow
            key={share.id}
            share={share}
            onLook={lookAt(share.attachment)}
            onDownload={() => void download(share.attachment)}
          />
        ))}
      </ul>
      {lightbox}
    </>
  );
}
