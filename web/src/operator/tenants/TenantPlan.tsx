import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Tenant, Usage } from '~/api/types';
import { Limits } from '~/features/plan/Limits';
import { Meters } from '~/features/plan/Meters';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { fullTime } from '~/ui/time';
import { Promised } from '../ui/Listing';
import { Stale } from '../ui/Stale';
import { tenantUsage } from './billing';
import { ChangePlan } from './ChangePlan';
import { Credits } from './Credits';

type Props = { tenant: Tenant; onDone: (said: string) => void };

/** What a tenant may have and has, and what it has paid ahead. */
export function TenantPlan(props: Props) {
  const { t } = useTranslation('operator');
  const usage = useQuery(tenantUsage(props.tenant.slug));
  return (
    <>
      {usage.data ? (
        <Known {...props} usage={usage.data} isOld={usage.isRefetchError} />
      ) : usage.isPending ? (
        <Promised />
      ) : (
        <div className={page.card}>
          <ErrorState
            title={t('plan.error')}
            error={usage.error}
            onRetry={() => void usage.refetch()}
          />
        </div>
      )}
      <Credits {...props} balance={usage.data?.credits} />
    </>
  );
}

function Known(props: Props & { usage: Usage; isOld: boolean }) {
  const { t, i18n } = useTranslation('operator');
  const { plan, since } = props.usage;
  return (
    <Section
      id="tenant-plan"
      title={t('plan.title', { name: plan.name })}
      text={since ? t('plan.since', { time: fullTime(since, i18n.language) }) : t('plan.always')}
    >
      <Stale when={props.isOld} />
      <Meters usage={props.usage} />
      <Limits plan={plan} connections />
      <div className={page.foot}>
        <ChangePlan {...props} now={plan.code} />
      </div>
    </Section>
  );
}
