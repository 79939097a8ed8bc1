import { Modal } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { FileAccess } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { fullName } from '~/ui/Initials';
import { IconHistory } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { RowsToCome } from '~/ui/RowsToCome';
import { fullTime } from '~/ui/time';
import classes from './Attachments.module.css';
import { browserOf } from './browser';
import { accessList } from './queries';
import type { Attachment } from './types';

/** Who was given a file, looked at it or took it, when, and from where. */
export function Accesses({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const { t } = useTranslation('files');
  const { t: common } = useTranslation();
  return (
    <Modal
      opened
      size="lg"
      title={t('accesses.title', { name: file.original_name })}
      classNames={{ title: classes.title }}
      closeButtonProps={{ 'aria-label': common('close') }}
      onClose={onClose}
    >
      <p className={page.text}>{t('accesses.intro')}</p>
      <Log file={file} />
    </Modal>
  );
}

function Log({ file }: { file: Attachment }) {
  const { t } = useTranslation('files');
  const list = useInfiniteQuery(accessList(file.id));
  const entries = list.data?.pages.flatMap((one) => one.data) ?? [];
  if (list.isPending) {
    return <RowsToCome label={t('accesses.loading')} />;
  }
  if (!list.data) {
    return (
      <ErrorState
        title={t('accesses.error')}
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (entries.length === 0) {
    return (
      <EmptyState
        icon={<IconHistory size={24} stroke={1.5} />}
        title={t('accesses.none')}
        text={t('accesses.none_text')}
      />
    );
  }
  return (
    <>
      <ul className={`${page.rows} ${classes.accesses}`} aria-label={t('accesses.list')}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      <More list={list} ask={t('more')} failed={t('more_failed')} />
    </>
  );
}

function Entry({ entry }: { entry: FileAccess }) {
  const { t, i18n } = useTranslation('files');
  const { user, share_id, ip, user_agent } = entry;
  const shared = user ? 'accesses.by_share' : 'accesses.by_link';
  return (
    <li>
      <span className={page.names}>
        <span>
          <strong className={page.name}>{user ? fullName(user) : t('accesses.somebody')}</strong>{' '}
          {t(`accesses.what.${entry.what}`)}
          {share_id != null && ` (${t(shared)})`}
        </span>
        <span className={page.dim}>
          {fullTime(entry.at, i18n.language)}
          {' · '}
          {ip ?? t('accesses.nowhere')}
          {user_agent && (
            <>
              {' · '}
              <span title={user_agent}>{browserOf(user_agent)}</span>
            </>
          )}
        </span>
      </span>
      <RelativeTime at={entry.at} className={page.dim} />
    </li>
  );
}
