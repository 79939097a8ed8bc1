import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { usePerson } from '../session/session';
import { dayOf, nextMonth } from './month';

/**
 * Why a ticket was not opened, or nobody asked in. Customers are told what they can do, not what
 * the organisation pays for; administrators are led to the plan.
 */
export function QuotaRefusal({ error }: { error: unknown }) {
  const { t, i18n } = useTranslation();
  const explain = useExplain();
  const { role, tenant } = usePerson();
  const date = dayOf(nextMonth(Date.now()), i18n.language);
  const monthly = error instanceof ApiError && error.quota?.limit === 'tickets_a_month';
  return (
    <div role="alert" className={page.hint}>
      {role === 'customer' ? (
        t(monthly ? 'quota.customer' : 'quota.customer_other', {
          organisation: tenant.organisation,
          date,
        })
      ) : (
        <>
          {explain(error)} {monthly && t('quota.again', { date })}{' '}
          {role === 'admin' ? (
            <Link to="/settings/plan">{t('quota.plan')}</Link>
          ) : (
            t('quota.ask_admin')
          )}
        </>
      )}
    </div>
  );
}
