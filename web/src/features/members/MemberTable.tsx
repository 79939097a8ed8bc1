import { Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconUsers } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import type { Done } from './changes';
import { MemberRow } from './MemberRow';
import classes from './Members.module.css';
import { type Kind, memberList } from './queries';

/** The members of a kind, in whatever state the list is. */
export function MemberTable({ kind, onDone }: { kind: Kind; onDone: Done }) {
  const { t } = useTranslation('settings');
  const list = useInfiniteQuery(memberList(kind));
  if (list.isPending) return <Promised label={t('people.loading')} />;
  if (!list.data) {
    return (
      <div className={page.card}>
        <ErrorState
          title={t('people.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      </div>
    );
  }
  const members = list.data.pages.flatMap((page) => page.data);
  if (members.length === 0) {
    return (
      <div className={page.card}>
        <EmptyState
          icon={<IconUsers size={24} stroke={1.5} />}
          title={t('people.no_customers')}
          text={t('people.no_customers_text', { address: window.location.host })}
        />
      </div>
    );
  }
  return (
    <>
      <div className={page.card}>
        <table className={classes.table} aria-label={t(`people.${kind}`)}>
          <thead>
            <tr>
              <th scope="col">{t('people.name')}</th>
              <th scope="col">{t('people.role')}</th>
              <th scope="col">{t('people.state')}</th>
              <th scope="col">{t('people.joined')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('people.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((member) => (
              <MemberRow key={member.id} member={member} onDone={onDone} />
            ))}
          </tbody>
        </table>
      </div>
      <More list={list} ask={t('people.more')} failed={t('people.more_error')} />
    </>
  );
}

function Promised({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className={page.card}>
      {['a', 'b', 'c'].map((row) => (
        <div key={row} className={classes.promised}>
          <Skeleton circle height={32} />
          <Skeleton height={12} width="40%" />
        </div>
      ))}
    </div>
  );
}
