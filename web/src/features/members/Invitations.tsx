import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Invitation } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { dateOnly } from '~/ui/time';
import { type Done, useInvite, useRevoke } from './changes';
import classes from './Members.module.css';
import { invitationList } from './queries';

/** Who was asked in and has not come yet. Nothing at all when there is nobody. */
export function Invitations({ onDone }: { onDone: Done }) {
  const { t } = useTranslation('settings');
  const list = useInfiniteQuery(invitationList);
  if (list.isError && !list.data) {
    return (
      <section className={page.card}>
        <ErrorState
          title={t('invitations.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      </section>
    );
  }
  const waiting = (list.data?.pages.flatMap((page) => page.data) ?? []).filter(
    ({ status }) => status === 'pending' || status === 'expired',
  );
  if (waiting.length === 0 && !list.hasNextPage) return null;
  return (
    <section className={page.card} aria-labelledby="invitations">
      <h2 id="invitations" className={`${page.heading} ${classes.heading}`}>
        {t('invitations.title')}
      </h2>
      <ul className={classes.invitations}>
        {waiting.map((invitation) => (
          <Waiting key={invitation.id} invitation={invitation} onDone={onDone} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          m="sm"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('people.more')}
        </Button>
      )}
    </section>
  );
}

function Waiting(props: { invitation: Invitation; onDone: Done }) {
  const { t, i18n } = useTranslation('settings');
  const { t: common } = useTranslation();
  const explain = useExplain();
  const { invitation, onDone } = props;
  const { email, role } = invitation;
  const [asked, setAsked] = useState(false);
  const again = useInvite();
  const revoke = useRevoke(invitation, onDone);
  const date = dateOnly(invitation.expires_at, i18n.language);
  const expired = invitation.status === 'expired';
  return (
    <li>
      <span className={classes.names}>
        <span className={classes.name}>{email}</span>
        <span className={classes.dim}>
          {common(`role.${role}`)} ·{' '}
          {t(expired ? 'invitations.expired' : 'invitations.until', { date })}
        </span>
      </span>
      <span className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          loading={again.isPending}
          aria-label={t('invitations.again_label', { email })}
          onClick={() =>
            again.mutate(
              { email, role },
              {
                onSuccess: () => onDone(t('invitations.sent_again', { email })),
                onError: (error) =>
                  void notifyFailure(t('failed.again', { email }), explain(error)),
              },
            )
          }
        >
          {t('invitations.again')}
        </Button>
        {!expired && (
          <Button
            size="xs"
            variant="default"
            loading={revoke.isPending}
            aria-label={t('invitations.revoke_label', { email })}
            onClick={() => setAsked(true)}
          >
            {t('invitations.revoke')}
          </Button>
        )}
      </span>
      <Confirm
        opened={asked}
        title={t('confirm.revoke_title', { email })}
        text={t('confirm.revoke_text', { email })}
        submit={t('confirm.revoke')}
        destructive
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsked(false)}
      />
    </li>
  );
}
