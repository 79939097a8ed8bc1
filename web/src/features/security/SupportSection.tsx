import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { Confirm } from '~/ui/Confirm';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { fullTime } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { useWait } from '../session/countdown';
import { checkFilled, fieldErrors } from '../session/fields';
import { Refusal } from '../session/Refusal';
import classes from './Security.module.css';

/** For how many hours our support can be let in. */
const HOURS = [1, 4, 8, 24, 72] as const;
const REASON_MAX = 500;

export const supportAccess = queryOptions({
  queryKey: ['tenant', 'support-access'],
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/tenant/support-access', { signal })),
  refetchOnWindowFocus: true,
});

/** Lets the people who run the platform look in: for a while, for a reason, and never otherwise. */
export function SupportSection() {
  const { t, i18n } = useTranslation('security');
  const explain = useExplain();
  const client = useQueryClient();
  const now = useNow();
  const known = useQuery(supportAccess);
  const [asked, setAsked] = useState(false);
  const spot = useRef<HTMLDivElement>(null);
  /** The button that was pressed goes with what it changed: the keyboard goes on at what is there now. */
  async function reload() {
    await client.invalidateQueries({ queryKey: supportAccess.queryKey });
    spot.current?.focus();
  }
  const end = useMutation({
    mutationFn: () => unwrap(control.DELETE('/api/v1/tenant/support-access', {})),
    onSettled: reload,
    onError: (error) => void notifyFailure(t('support.end_failed'), explain(error)),
  });
  const time = (at: string) => fullTime(at, i18n.language);
  const grants = known.data?.data ?? [];
  const open = grants.find(({ ended_at, ends_at }) => !ended_at && Date.parse(ends_at) > now);
  const past = grants.filter((grant) => grant !== open);
  return (
    <Section id="support" title={t('support.title')} text={t('support.text')}>
      {known.isPending ? (
        <Skeleton height={60} aria-label={t('support.title')} />
      ) : known.isError && !known.data ? (
        <ErrorState
          title={t('support.error')}
          error={known.error}
          onRetry={() => void known.refetch()}
        />
      ) : (
        <div ref={spot} tabIndex={-1} className={page.form}>
          {open ? (
            <>
              <div className={page.hint}>
                {t('support.open', { time: time(open.ends_at), reason: open.reason })}
              </div>
              <div className={page.foot}>
                <Button color="red.8" loading={end.isPending} onClick={() => setAsked(true)}>
                  {t('support.end')}
                </Button>
              </div>
            </>
          ) : (
            <Grant onDone={reload} />
          )}
        </div>
      )}
      {past.length > 0 && (
        <details className={classes.past}>
          <summary>{t('support.past', { count: past.length })}</summary>
          <ul>
            {past.map((grant) => (
              <li key={grant.id}>
                {t('support.was', {
                  from: time(grant.created_at),
                  to: time(grant.ended_at ?? grant.ends_at),
                  reason: grant.reason,
                })}
              </li>
            ))}
          </ul>
        </details>
      )}
      <Confirm
        opened={asked}
        title={t('support.end_title')}
        text={t('support.end_text')}
        submit={t('support.end')}
        destructive
        onConfirm={() => end.mutate()}
        onClose={() => setAsked(false)}
      />
    </Section>
  );
}

function Grant({ onDone }: { onDone: () => Promise<void> }) {
  const { t } = useTranslation('security');
  const { t: session } = useTranslation('session');
  const [hours, setHours] = useState('4');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const grant = useMutation({
    mutationFn: () =>
      unwrap(
        control.POST('/api/v1/tenant/support-access', {
          body: { hours: Number(hours), reason: reason.trim() },
        }),
      ),
    onSuccess: onDone,
    onError: (error) => setFault(fieldErrors(session, error).reason ?? null),
  });
  const wait = useWait(grant.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    const empty = checkFilled(session, reason);
    setFault(empty);
    if (!empty) grant.mutate();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      {!fault && <Refusal error={grant.error} />}
      <div className={classes.fields}>
        <TextInput
          label={t('support.reason')}
          description={t('support.reason_text')}
          maxLength={REASON_MAX}
          autoComplete="off"
          value={reason}
          error={fault}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('support.hours')}
          description={t('support.hours_text')}
          value={hours}
          onChange={(event) => setHours(event.currentTarget.value)}
          data={HOURS.map((value) => ({
            value: String(value),
            label: t('support.for', { count: value }),
          }))}
        />
      </div>
      <div className={page.foot}>
        <Button type="submit" variant="default" loading={grant.isPending} disabled={wait > 0}>
          {t('support.grant')}
        </Button>
      </div>
    </form>
  );
}
