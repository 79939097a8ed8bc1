import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import type { ApiKey } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconKey } from '~/ui/icons';
import { More } from '~/ui/More';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { RowsToCome } from '~/ui/RowsToCome';
import { dateOnly } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { useTitle } from '~/ui/useTitle';
import classes from './ApiKeys.module.css';
import { CreateKey } from './CreateKey';
import { apiKeyList } from './queries';
import { isExpired } from './scopes';

/** Keys for programs: made here, shown once, limited to what they are for. */
export function ApiKeysPage() {
  const { t } = useTranslation('security');
  useTitle(t('keys.title'));
  const list = useInfiniteQuery(apiKeyList);
  const [said, setSaid] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  const all = list.data?.pages.flatMap((one) => one.data) ?? [];
  function gone(text: string) {
    setSaid(text);
    status.current?.focus();
  }
  return (
    <>
      <h1 className={page.title}>{t('keys.title')}</h1>
      <p className={page.intro}>{t('keys.intro')}</p>
      <CreateKey />
      <p ref={status} role="status" tabIndex={-1} className={`${page.said} ${classes.said}`}>
        {said}
      </p>
      <div className={page.card}>
        {list.isPending ? (
          <RowsToCome label={t('keys.loading')} />
        ) : list.isError && !list.data ? (
          <ErrorState
            title={t('keys.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : all.length === 0 ? (
          <EmptyState
            icon={<IconKey size={24} stroke={1.5} />}
            title={t('keys.none')}
            text={t('keys.none_text')}
          />
        ) : (
          <ul className={page.rows} aria-label={t('keys.title')}>
            {all.map((key) => (
              <Row key={key.id} apiKey={key} onGone={gone} />
            ))}
          </ul>
        )}
      </div>
      <More list={list} ask={t('more')} failed={t('more_error')} />
    </>
  );
}

function Row({ apiKey, onGone }: { apiKey: ApiKey; onGone: (said: string) => void }) {
  const { t, i18n } = useTranslation('security');
  const explain = useExplain();
  const client = useQueryClient();
  const now = useNow();
  const [asked, setAsked] = useState(false);
  const { id, name, prefix, scopes, expires_at, last_used_at, created_at } = apiKey;
  const revoke = useMutation({
    mutationFn: () => unwrap(control.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } })),
    onSuccess: () => onGone(t('keys.revoked', { name })),
    onError: (error) => void notifyFailure(t('keys.revoke_failed', { name }), explain(error)),
    onSettled: () => client.invalidateQueries({ queryKey: apiKeyList.queryKey }),
  });
  const expired = isExpired(expires_at, now);
  const date = dateOnly(expires_at ?? created_at, i18n.language);
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>
          {name} <code className={page.dim}>{prefix}…</code>
        </span>
        <span className={classes.scopes}>
          {scopes.map((scope) => (
            <span key={scope} className={classes.scope}>
              {t(`scope.${scope.replace(':', '_') as 'tickets_read'}`)}
            </span>
          ))}
        </span>
        <span className={page.dim}>
          {t('keys.made', { date: dateOnly(created_at, i18n.language) })} ·{' '}
          {last_used_at ? (
            <>
              {t('keys.used')} <RelativeTime at={last_used_at} />
            </>
          ) : (
            t('keys.unused')
          )}{' '}
          ·{' '}
          <span className={expired ? classes.expired : undefined}>
            {expires_at ? t(expired ? 'keys.expired' : 'keys.until', { date }) : t('keys.forever')}
          </span>
        </span>
      </span>
      <Button
        size="xs"
        variant="default"
        loading={revoke.isPending}
        aria-label={t('keys.revoke_label', { name })}
        onClick={() => setAsked(true)}
      >
        {t('keys.revoke')}
      </Button>
      <Confirm
        opened={asked}
        title={t('keys.revoke_title', { name })}
        text={t('keys.revoke_text', { name, prefix })}
        submit={t('keys.revoke_label', { name })}
        destructive
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsked(false)}
      />
    </li>
  );
}
