import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconStack2 } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { JobTable } from './JobTable';
import { KINDS, useKind } from './kinds';
import { type JobFilters, jobList } from './queries';
import { STATUSES } from './state';

/** Long work: what is done just now, what waits, and what has come to an end. */
export function JobsPage() {
  const { t } = useTranslation('operator');
  useTitle(t('jobs.title'));
  const { kind, status, tenant }: JobFilters = useSearch({ strict: false });
  const list = useInfiniteQuery(jobList({ kind, status, tenant }));
  const filtered = Boolean(kind || status || tenant);
  return (
    <>
      <h1 className={page.title}>{t('jobs.title')}</h1>
      <p className={page.intro}>{t('jobs.intro')}</p>
      <Filters kind={kind} status={status} tenant={tenant} />
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconStack2 size={24} stroke={1.5} />}
            title={t(filtered ? 'jobs.nothing' : 'jobs.empty')}
            text={t(filtered ? 'jobs.nothing_text' : 'jobs.empty_text')}
          />
        }
      >
        {(jobs) => <JobTable jobs={jobs} />}
      </Listing>
    </>
  );
}

function Filters(now: JobFilters) {
  const { t } = useTranslation('operator');
  const kindOf = useKind();
  const navigate = useNavigate();
  const [tenant, setTenant] = useState(now.tenant ?? '');
  useEffect(() => setTenant(now.tenant ?? ''), [now.tenant]);
  const go = (to: JobFilters) => void navigate({ to: '/jobs', search: to });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({ ...now, tenant: tenant.trim() || undefined });
  };
  // What stands in the address is a choice, even if we have no word for it.
  const kinds = [...new Set([...KINDS, ...(now.kind ? [now.kind] : [])])];
  return (
    <form className={ui.filters} aria-label={t('jobs.filter')} noValidate onSubmit={submit}>
      <NativeSelect
        label={t('jobs.what')}
        size="xs"
        value={now.kind ?? ''}
        onChange={(event) => go({ ...now, kind: event.currentTarget.value || undefined })}
        data={[
          { value: '', label: t('jobs.any') },
          ...kinds.map((value) => ({ value, label: kindOf(value) })),
        ]}
      />
      <NativeSelect
        label={t('jobs.state')}
        size="xs"
        value={STATUSES.find((known) => known === now.status) ?? ''}
        onChange={(event) => go({ ...now, status: event.currentTarget.value || undefined })}
        data={[
          { value: '', label: t('tenants.any') },
          ...STATUSES.map((value) => ({ value, label: t(`jobs.states.${value}`) })),
        ]}
      />
      <TextInput
        label={t('jobs.tenant')}
        size="xs"
        placeholder="acme"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={tenant}
        onChange={(event) => setTenant(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t('list.filter')}
      </Button>
      {(now.kind || now.status || now.tenant) && (
        <Button size="xs" variant="subtle" onClick={() => go({})}>
          {t('list.clear')}
        </Button>
      )}
    </form>
  );
}
