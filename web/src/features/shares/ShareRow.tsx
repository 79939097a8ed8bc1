import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { FileShare } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { useExplain } from '~/ui/explain';
import { fullName } from '~/ui/Initials';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { fullTime } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { shareList } from './queries';
import { standingOf } from './standing';

/** One share: with whom, by whom and when, whether it still holds, and the way to take it back. */
export function ShareRow(props: {
  share: FileShare;
  onRevoked: (said: string) => void;
  onAsking: (isAsking: boolean) => void;
}) {
  const { t } = useTranslation('files');
  const person = usePerson();
  const { share } = props;
  const standing = standingOf(share, useNow());
  const mayRevoke = share.created_by.id === person.id || mayArrange(person);
  const name = share.member ? fullName(share.member) : t('list.link');
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{name}</span>
        <span className={page.dim}>
          {t('list.by', { name: fullName(share.created_by) })}{' '}
          <RelativeTime at={share.created_at} />
          <Until share={share} standing={standing} />
          <Opened share={share} />
        </span>
      </span>
      {standing === 'good' && mayRevoke && (
        <Revoke share={share} name={name} onRevoked={props.onRevoked} onAsking={props.onAsking} />
      )}
    </li>
  );
}

function Until(props: { share: FileShare; standing: ReturnType<typeof standingOf> }) {
  const { t, i18n } = useTranslation('files');
  const { revoked_at, expires_at } = props.share;
  if (revoked_at) {
    return (
      <>
        {' · '}
        {t('list.revoked')} <RelativeTime at={revoked_at} />
      </>
    );
  }
  if (!expires_at) return null;
  const time = fullTime(expires_at, i18n.language);
  return ` · ${t(props.standing === 'over' ? 'list.over' : 'list.until', { time })}`;
}

/** How often a link was opened. Of a colleague that is not counted. */
function Opened({ share }: { share: FileShare }) {
  const { t } = useTranslation('files');
  if (share.kind !== 'link') return null;
  if (!share.last_opened_at) return ` · ${t('list.unopened')}`;
  return (
    <>
      {' · '}
      {t('list.opened', { count: share.opened })} <RelativeTime at={share.last_opened_at} />
    </>
  );
}

function Revoke(props: {
  share: FileShare;
  name: string;
  onRevoked: (said: string) => void;
  onAsking: (isAsking: boolean) => void;
}) {
  const { t } = useTranslation('files');
  const explain = useExplain();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const { share, name, onAsking } = props;
  const about = t(share.member ? 'revoke.from' : 'revoke.link', { name });
  const revoke = useMutation({
    mutationFn: () =>
      unwrap(
        app.DELETE('/api/v1/attachments/{attachment}/shares/{share}', {
          params: { path: { attachment: share.attachment_id, share: share.id } },
        }),
      ),
    onSuccess: () => props.onRevoked(t('revoke.done')),
    onError: (error) => void notifyFailure(t('revoke.failed'), explain(error)),
    onSettled: () =>
      client.invalidateQueries({ queryKey: shareList(share.attachment_id).queryKey }),
  });
  function ask(isAsking: boolean) {
    setAsked(isAsking);
    onAsking(isAsking);
  }
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={revoke.isPending}
        aria-label={about}
        onClick={() => ask(true)}
      >
        {t('revoke.submit')}
      </Button>
      <Confirm
        opened={asked}
        destructive
        title={t(share.member ? 'revoke.from_title' : 'revoke.link_title', { name })}
        text={t(share.member ? 'revoke.from_text' : 'revoke.link_text')}
        submit={t('revoke.submit')}
        onConfirm={() => revoke.mutate()}
        onClose={() => ask(false)}
      />
    </>
  );
}
