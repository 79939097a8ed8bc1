import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { Tenant } from '~/api/types';
import { addressOf, site } from '~/app/site';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconArrowLeft, IconBuilding } from '~/ui/icons';
import { Mark } from '~/ui/Mark';
import page from '~/ui/page.module.css';
import { fullTime } from '~/ui/time';
import { useTitle } from '~/ui/useTitle';
import { JobTable } from '../jobs/JobTable';
import { jobList } from '../jobs/queries';
import { Listing, Promised } from '../ui/Listing';
import { Said } from '../ui/Said';
import { Stale } from '../ui/Stale';
import ui from '../ui/ui.module.css';
import { oneTenant } from './queries';
import { hasData, nameOf, TONES } from './status';
import { TenantActions } from './TenantActions';
import { TenantBackups } from './TenantBackups';
import { TenantPlan } from './TenantPlan';

/** How many of its jobs a tenant's page shows; all of them are among the jobs. */
const JOBS = 10;

/** One tenant: where it stands, what can be done with it, and what is done for it. */
export function TenantPage() {
  const { t } = useTranslation('operator');
  const { slug = '' } = useParams({ strict: false });
  const tenant = useQuery(oneTenant(slug));
  useTitle(tenant.data ? nameOf(tenant.data) : slug);
  return (
    <>
      <Link to="/tenants" className={ui.back}>
        <IconArrowLeft size={16} aria-hidden="true" />
        {t('tenants.title')}
      </Link>
      {tenant.data ? (
        <Known key={slug} tenant={tenant.data} stale={tenant.isRefetchError} />
      ) : tenant.isPending ? (
        <Promised />
      ) : (
        <Unknown slug={slug} error={tenant.error} onRetry={() => void tenant.refetch()} />
      )}
    </>
  );
}

function Known({ tenant, stale }: { tenant: Tenant; stale: boolean }) {
  const [said, setSaid] = useState('');
  return (
    <>
      <h1 className={page.title}>{nameOf(tenant)}</h1>
      <Stale when={stale} />
      <Facts tenant={tenant} />
      <Said>{said}</Said>
      <TenantActions tenant={tenant} onDone={setSaid} />
      {tenant.status !== 'deleted' && <TenantPlan tenant={tenant} onDone={setSaid} />}
      {hasData(tenant.status) && <TenantBackups slug={tenant.slug} onDone={setSaid} />}
      <Jobs slug={tenant.slug} />
    </>
  );
}

function Facts({ tenant }: { tenant: Tenant }) {
  const { t, i18n } = useTranslation('operator');
  const address = `${window.location.protocol}//${addressOf(tenant.slug, site)}`;
  return (
    <dl className={ui.facts}>
      <div>
        <dt>{t('tenants.status')}</dt>
        <dd>
          <Mark tone={TONES[tenant.status]}>{t(`tenants.statuses.${tenant.status}`)}</Mark>
        </dd>
      </div>
      {tenant.trouble && (
        <div>
          <dt>{t('tenant.trouble')}</dt>
          <dd>
            <span className={ui.error}>{tenant.trouble}</span>
          </dd>
        </div>
      )}
      <div>
        <dt>{t('tenant.address')}</dt>
        <dd>
          <a href={address} target="_blank" rel="noreferrer">
            {addressOf(tenant.slug, site)}
          </a>
        </dd>
      </div>
      <div>
        <dt>{t('tenants.cluster')}</dt>
        <dd>{tenant.cluster ?? '–'}</dd>
      </div>
      <div>
        <dt>{t('tenants.members')}</dt>
        <dd>{new Intl.NumberFormat(i18n.language).format(tenant.members)}</dd>
      </div>
      <div>
        <dt>{t('tenants.since')}</dt>
        <dd>{fullTime(tenant.created_at, i18n.language)}</dd>
      </div>
      {tenant.status === 'deleting' && tenant.delete_after && (
        <div>
          <dt>{t('tenant.delete_after')}</dt>
          <dd>{fullTime(tenant.delete_after, i18n.language)}</dd>
        </div>
      )}
      <div>
        <dt>{t('nav.trail')}</dt>
        <dd>
          <Link to="/trail" search={{ resource: `tenant:${tenant.id}` }}>
            {t('tenant.trail')}
          </Link>
        </dd>
      </div>
    </dl>
  );
}

function Jobs({ slug }: { slug: string }) {
  const { t } = useTranslation('operator');
  const list = useInfiniteQuery(jobList({ tenant: slug }, JOBS));
  return (
    <section aria-labelledby="tenant-jobs" style={{ marginTop: 24 }}>
      <h2 id="tenant-jobs" className={page.heading}>
        {t('jobs.title')}
      </h2>
      <Listing
        list={list}
        empty={<EmptyState title={t('tenant.no_jobs')} text={t('tenant.no_jobs_text')} />}
      >
        {(jobs) => <JobTable jobs={jobs} of={slug} />}
      </Listing>
    </section>
  );
}

function Unknown(props: { slug: string; error: unknown; onRetry: () => void }) {
  const { t } = useTranslation('operator');
  const gone = props.error instanceof ApiError && props.error.status === 404;
  return (
    <>
      <h1 className={page.title}>{props.slug}</h1>
      <div className={page.card}>
        {gone ? (
          <EmptyState
            icon={<IconBuilding size={24} stroke={1.5} />}
            title={t('tenant.unknown', { slug: props.slug })}
            text={t('tenant.unknown_text')}
          />
        ) : (
          <ErrorState title={t('tenant.error')} error={props.error} onRetry={props.onRetry} />
        )}
      </div>
    </>
  );
}
