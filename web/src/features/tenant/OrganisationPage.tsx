import { Alert, Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { TenantSettings } from '~/api/types';
import { NAMES } from '~/i18n';
import { CopyAddress } from '~/ui/CopyAddress';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { DangerZone } from '../leaving/DangerZone';
import { checkFilled, fieldErrors } from '../session/fields';
import classes from './OrganisationPage.module.css';
import {
  changed,
  inRange,
  merged,
  RANGE,
  saveSettings,
  type Typed,
  tenantSettings,
  typedOf,
} from './settings';

/** The organisation's name, language and the times after which tickets end by themselves. */
export function OrganisationPage() {
  const { t } = useTranslation('settings');
  useTitle(t('tenant.title'));
  const tenant = useQuery(tenantSettings);
  return (
    <>
      <h1 className={page.title}>{t('tenant.title')}</h1>
      <p className={page.intro}>{t('tenant.intro')}</p>
      {tenant.data ? (
        <>
          <Form settings={tenant.data} />
          <DangerZone tenant={tenant.data} />
        </>
      ) : tenant.isError ? (
        <ErrorState
          title={t('tenant.error')}
          error={tenant.error}
          onRetry={() => void tenant.refetch()}
        />
      ) : (
        <div role="status" aria-busy="true" aria-label={t('tenant.loading')}>
          <Skeleton height={320} mt={16} radius={12} />
        </div>
      )}
    </>
  );
}

function Form({ settings: tenant }: { settings: TenantSettings }) {
  const { t } = useTranslation('settings');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  /** What the form began with, and what is in it now. */
  const [before, setBefore] = useState(tenant);
  const [typed, setTyped] = useState<Typed>(typedOf(tenant));
  const [faults, setFaults] = useState<Record<string, string>>({});

  // Somebody else's change, or our own that was saved: what was not touched here follows it.
  useEffect(() => {
    if (tenant.version === before.version) return;
    setTyped((now) => merged(typedOf(before), now, typedOf(tenant)));
    setBefore(tenant);
  }, [tenant, before]);

  const save = useMutation({
    mutationFn: () => saveSettings(before, typed),
    onSuccess: (saved) => {
      // First, so that the effect above finds nothing that would be ours and not saved.
      setTyped(typedOf(saved));
      setBefore(saved);
      client.setQueryData(tenantSettings.queryKey, saved);
    },
    onError: (error) => {
      setFaults(fieldErrors(session, error));
      if (isOutdated(error)) void client.invalidateQueries({ queryKey: tenantSettings.queryKey });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = faultsOf(typed);
    setFaults(found);
    if (Object.keys(found).length === 0) save.mutate();
  }
  function faultsOf(now: Typed): Record<string, string> {
    const numbers = Object.entries(RANGE).filter(
      ([name, max]) => !inRange(now[name as keyof typeof RANGE], max),
    );
    const empty = checkFilled(session, now.organisation);
    return {
      ...(empty && { organisation: empty }),
      ...Object.fromEntries(
        numbers.map(([name, max]) => [name, t('tenant.range', { min: 1, max })]),
      ),
    };
  }
  function field(name: keyof Typed) {
    return {
      value: typed[name],
      error: faults[name],
      onChange: (event: { currentTarget: { value: string } }) => {
        const { value } = event.currentTarget;
        setTyped((now) => ({ ...now, [name]: value }));
        setFaults(({ [name]: _, ...others }) => others);
        if (!save.isPending) save.reset();
      },
    };
  }
  return (
    <>
      <section className={`${page.card} ${classes.card}`} aria-labelledby="address">
        <h2 id="address" className={page.heading}>
          {t('tenant.address')}
        </h2>
        <CopyAddress address={tenant.url} label={t('tenant.copy')} />
        <p className={page.intro}>{t('tenant.address_text')}</p>
      </section>
      <form className={`${page.card} ${classes.card}`} noValidate onSubmit={submit}>
        {save.isError && Object.keys(faults).length === 0 && <Refused error={save.error} />}
        <TextInput
          label={t('tenant.name')}
          description={t('tenant.name_text')}
          autoComplete="organization"
          maxLength={255}
          {...field('organisation')}
        />
        <NativeSelect
          className={classes.short}
          label={t('tenant.locale')}
          description={t('tenant.locale_text')}
          data={Object.entries(NAMES).map(([value, label]) => ({ value, label }))}
          {...field('locale')}
        />
        <TextInput
          label={t('tenant.waiting')}
          description={t('tenant.waiting_text')}
          inputMode="numeric"
          autoComplete="off"
          classNames={{ wrapper: classes.number }}
          rightSection={t('tenant.days')}
          rightSectionWidth={64}
          {...field('waiting_close_days')}
        />
        <TextInput
          label={t('tenant.resolved')}
          description={t('tenant.resolved_text')}
          inputMode="numeric"
          autoComplete="off"
          classNames={{ wrapper: classes.number }}
          rightSection={t('tenant.hours')}
          rightSectionWidth={64}
          {...field('resolved_close_hours')}
        />
        <div className={classes.foot}>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={changed(typedOf(before), typed).length === 0}
          >
            {t('tenant.save')}
          </Button>
          <span role="status" className={classes.saved}>
            {save.isSuccess && t('tenant.saved')}
          </span>
        </div>
      </form>
    </>
  );
}

function Refused({ error }: { error: Error }) {
  const { t } = useTranslation('settings');
  const explain = useExplain();
  if (isOutdated(error)) {
    return (
      <div role="alert" className={page.hint}>
        {t('tenant.changed')}
      </div>
    );
  }
  return (
    <Alert color="red" variant="light" role="alert">
      {explain(error)}
    </Alert>
  );
}

function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}
