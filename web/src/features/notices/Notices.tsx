import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Notice } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconBellOff } from '~/ui/icons';
import { More } from '~/ui/More';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './Notices.module.css';
import { noticeList, useRead } from './queries';
import { kindOf, ticketOf } from './said';

/** What one has been told, the newest first; what is opened is read. */
export function Notices({ unread, onClose }: { unread: number; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const explain = useExplain();
  const list = useInfiniteQuery({ ...noticeList, staleTime: 0 });
  const read = useRead();
  const notices = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <div className={classes.head}>
        <h2>{t('notices.title')}</h2>
        {unread > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            loading={read.isPending}
            onClick={() => read.mutate('all')}
          >
            {t('notices.read_all')}
          </Button>
        )}
      </div>
      {read.isError && (
        <p className={classes.problem} role="alert">
          {explain(read.error)}
        </p>
      )}
      <div className={classes.body}>
        {list.isPending ? (
          <div
            role="status"
            aria-busy="true"
            aria-label={t('notices.title')}
            className={classes.wait}
          >
            <Skeleton height={12} width="80%" />
            <Skeleton height={12} width="60%" />
          </div>
        ) : list.isError && !list.data ? (
          <ErrorState
            title={t('notices.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : notices.length === 0 ? (
          <EmptyState
            icon={<IconBellOff size={24} stroke={1.5} />}
            title={t('notices.none')}
            text={t('notices.none_text')}
          />
        ) : (
          <ul className={classes.list}>
            {notices.map((notice) => (
              <Entry
                key={notice.id}
                notice={notice}
                onOpen={() => {
                  if (!notice.read_at) read.mutate(notice.id);
                  onClose();
                }}
                onRead={() => read.mutate(notice.id)}
              />
            ))}
          </ul>
        )}
        <More list={list} ask={t('notices.more')} failed={t('notices.more_failed')} />
      </div>
    </>
  );
}

function Entry(props: { notice: Notice; onOpen: () => void; onRead: () => void }) {
  const { t } = useTranslation('desk');
  const { notice } = props;
  const number = ticketOf(notice);
  const kind = kindOf(notice);
  const words = t(`notices.kind.${kind}`, { number: number ?? '' });
  const when = <RelativeTime at={notice.created_at} className={classes.when} />;
  return (
    <li data-unread={!notice.read_at || undefined}>
      {kind === 'file_shared' ? (
        // Whoever is given a file does not see its ticket, as a rule.
        <Link to="/files" className={classes.entry} onClick={props.onOpen}>
          <span>{words}</span>
          {when}
        </Link>
      ) : number ? (
        <Link
          to="/tickets/$number"
          params={{ number }}
          className={classes.entry}
          onClick={props.onOpen}
        >
          <span>{words}</span>
          {when}
        </Link>
      ) : (
        <span className={classes.entry}>
          <span>{words}</span>
          {when}
        </span>
      )}
      {!notice.read_at && (
        <button
          type="button"
          className={classes.dot}
          aria-label={t('notices.read', { what: words })}
          onClick={props.onRead}
        />
      )}
    </li>
  );
}
