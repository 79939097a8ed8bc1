import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnSession } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconDeviceDesktop, IconDeviceMobile, IconTerminal2 } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { Section } from '~/ui/Section';
import { fullTime } from '~/ui/time';
import classes from './account.module.css';
import { endOthers as endAllOthers, endSession } from './endOthers';
import { keys, sessionList } from './queries';

/** Where one is signed in, and the way to be signed out there. */
export function SessionSection() {
  const { t } = useTranslation('account');
  const explain = useExplain();
  const client = useQueryClient();
  const list = useInfiniteQuery(sessionList);
  const [asked, setAsked] = useState(false);
  const [said, setSaid] = useState('');
  const status = useRef<HTMLSpanElement>(null);
  const sessions = list.data?.pages.flatMap((one) => one.data) ?? [];
  const others = sessions.filter(({ current }) => !current);
  function done(text: string) {
    setSaid(text);
    status.current?.focus();
    return client.invalidateQueries({ queryKey: keys.sessions });
  }
  const endOthers = useMutation({
    mutationFn: () => {
      setSaid('');
      return endAllOthers((count) => setSaid(t('sessions.ending', { count })));
    },
    onSuccess: () => done(t('sessions.all_ended')),
    onError: (error) => {
      setSaid('');
      void notifyFailure(t('sessions.all_failed'), explain(error));
      void client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  return (
    <Section id="sessions" title={t('sessions.title')} text={t('sessions.text')}>
      {list.isPending ? (
        <Skeleton height={96} aria-label={t('sessions.loading')} />
      ) : list.data ? (
        <ul className={`${page.rows} ${page.inside}`}>
          {sessions.map((session) => (
            <Row key={session.id} session={session} onDone={done} />
          ))}
        </ul>
      ) : (
        <ErrorState
          title={t('sessions.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.isFetchNextPageError && (
        <p className={page.problem} role="alert">
          {t('more_error')}
        </p>
      )}
      <div className={page.foot}>
        {list.hasNextPage && (
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('more')}
          </Button>
        )}
        {others.length > 0 && (
          <Button variant="default" loading={endOthers.isPending} onClick={() => setAsked(true)}>
            {t('sessions.end_others')}
          </Button>
        )}
        <span ref={status} role="status" tabIndex={-1} className={page.said}>
          {said}
        </span>
      </div>
      <Confirm
        opened={asked}
        title={t('sessions.end_others_title')}
        text={t('sessions.end_others_text', { count: others.length })}
        submit={t('sessions.end_others')}
        destructive
        onConfirm={() => endOthers.mutate()}
        onClose={() => setAsked(false)}
      />
    </Section>
  );
}

function Row(props: { session: OwnSession; onDone: (said: string) => Promise<unknown> }) {
  const { t, i18n } = useTranslation('account');
  const explain = useExplain();
  const { session, onDone } = props;
  const device = useDeviceName()(session);
  const remove = useMutation({
    mutationFn: () => endSession(session.id),
    onSuccess: () => onDone(t('sessions.ended', { device })),
    onError: (error) => void notifyFailure(t('sessions.failed', { device }), explain(error)),
  });
  const Icon =
    session.client === 'api'
      ? IconTerminal2
      : ['phone', 'tablet', 'mobile'].includes(session.device.kind)
        ? IconDeviceMobile
        : IconDeviceDesktop;
  return (
    <li>
      <span className={classes.session}>
        <Icon size={20} stroke={1.5} aria-hidden="true" />
        <span className={page.names}>
          <span className={page.name}>
            {device}
            {session.current && <span className={classes.here}>{t('sessions.current')}</span>}
          </span>
          <span className={page.dim}>
            {[session.place, session.ip].filter(Boolean).join(' · ')}
            {(session.place || session.ip) && ' · '}
            {session.current ? (
              t('sessions.since', { time: fullTime(session.created_at, i18n.language) })
            ) : (
              <>
                {t('sessions.last_used')} <RelativeTime at={session.last_used_at} />
              </>
            )}
          </span>
        </span>
      </span>
      {!session.current && (
        <Button
          size="xs"
          variant="default"
          loading={remove.isPending}
          aria-label={t('sessions.end_label', { device })}
          onClick={() => remove.mutate()}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  );
}

/** A session's device in words: "Firefox on Windows", "A program". */
function useDeviceName(): (session: OwnSession) => string {
  const { t } = useTranslation('account');
  return ({ client, device: { browser, system } }) => {
    if (browser && system) return t('sessions.device', { browser, system });
    return browser ?? system ?? t(client === 'api' ? 'sessions.program' : 'sessions.unknown');
  };
}
