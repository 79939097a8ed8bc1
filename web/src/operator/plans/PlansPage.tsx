import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { Mark } from '~/ui/Mark';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { useTitle } from '~/ui/useTitle';
import { Promised } from '../ui/Listing';
import { Said } from '../ui/Said';
import { Stale } from '../ui/Stale';
import ui from '../ui/ui.module.css';
import { UNLIMITED } from './fields';
import { PlanDialog } from './PlanDialog';
import { planList } from './queries';

/** What tenants can have, and for what price. */
export function PlansPage() {
  const { t } = useTranslation('operator');
  useTitle(t('plans.title'));
  const list = useQuery(planList);
  const [said, setSaid] = useState('');
  return (
    <>
      <div className={ui.head}>
        <div>
          <h1 className={page.title}>{t('plans.title')}</h1>
          <p className={page.intro}>{t('plans.intro')}</p>
        </div>
        <PlanDialog plans={list.data ?? []} onDone={setSaid} />
      </div>
      <Said>{said}</Said>
      {list.data ? (
        <>
          <Stale when={list.isRefetchError} />
          <div className={page.card}>
            <Table plans={list.data} onDone={setSaid} />
          </div>
        </>
      ) : list.isPending ? (
        <Promised />
      ) : (
        <div className={page.card}>
          <ErrorState
            title={t('list.error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        </div>
      )}
    </>
  );
}

const LIMITS = [
  ...(['agents', 'tickets_a_month', 'storage_bytes', 'storage_files'] as const),
  ...(['uploads_a_day', 'requests_a_minute'] as const),
  ...(['connections', 'audit_months'] as const),
];

function Table({ plans, onDone }: { plans: Plan[]; onDone: (said: string) => void }) {
  const { t } = useTranslation('operator');
  return (
    <table className={ui.table} aria-label={t('plans.title')}>
      <thead>
        <tr>
          <th scope="col">{t('plans.plan')}</th>
          <th scope="col" className={ui.number}>
            {t('plans.head.price')}
          </th>
          {LIMITS.map((name) => (
            <th key={name} scope="col" className={ui.number}>
              {t(`plans.head.${name}`)}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{t('plans.edit')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {plans.map((plan) => (
          <Row key={plan.code} plan={plan} plans={plans} onDone={onDone} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { plan: Plan; plans: Plan[]; onDone: (said: string) => void }) {
  const { t, i18n } = useTranslation('operator');
  const { plan } = props;
  const size = useSize();
  const amount = (minor: number) => money(minor, plan.currency, i18n.language);
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value);
  const extra = plan.extra_ticket;
  return (
    <tr>
      <th scope="row">
        <span className={ui.names}>
          {plan.name}
          <span className={ui.dim}>{plan.code}</span>
          {plan.is_default && (
            <span className={ui.dim}>
              <Mark tone="good">{t('plans.default')}</Mark>
            </span>
          )}
        </span>
      </th>
      <td data-label={t('plans.head.price')} className={ui.number}>
        <span>
          {amount(plan.price)}
          {typeof extra === 'number' && (
            <span className={ui.reason}>{t('plans.extra', { price: amount(extra) })}</span>
          )}
        </span>
      </td>
      {LIMITS.map((name) => {
        const value = plan[name];
        const say = name === 'storage_bytes' ? size : number;
        return (
          <td key={name} data-label={t(`plans.head.${name}`)} className={ui.number}>
            {typeof value === 'number' ? say(value) : '–'}
          </td>
        );
      })}
      <td className={ui.actions}>{plan.code !== UNLIMITED && <PlanDialog {...props} />}</td>
    </tr>
  );
}
