import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Usage } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { dateOnly } from '~/ui/time';
import { useTitle } from '~/ui/useTitle';
import { Invoices } from './Invoices';
import { Limits } from './Limits';
import { counted, isRefused, levelOf } from './limits';
import { Meters } from './Meters';
import { dayOf, nextMonth } from './month';
import { usage } from './queries';

/** What the organisation may have, what it has, and what it pays for it. */
export function PlanPage() {
  const { t } = useTranslation('plan');
  useTitle(t('title'));
  const now = useQuery(usage);
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      {now.data ? (
        <>
          {now.isRefetchError && (
            <p className={page.problem} role="alert">
              {t('stale')}
            </p>
          )}
          <Known usage={now.data} />
        </>
      ) : now.isError ? (
        <div className={page.card}>
          <ErrorState title={t('error')} error={now.error} onRetry={() => void now.refetch()} />
        </div>
      ) : (
        <div role="status" aria-busy="true" aria-label={t('loading')}>
          <Skeleton height={240} mt={16} radius={12} />
        </div>
      )}
      <Invoices />
    </>
  );
}

function Known({ usage: now }: { usage: Usage }) {
  const { t, i18n } = useTranslation('plan');
  const { plan, since, credits } = now;
  return (
    <>
      <Section
        id="plan"
        title={t('plan', { name: plan.name })}
        text={since ? t('since', { date: dateOnly(since, i18n.language) }) : t('always')}
      >
        <Warnings usage={now} />
        <Meters usage={now} />
        <Limits plan={plan} />
        <div>
          <p className={page.text}>{t('change')}</p>
          <Link to="/settings/members">{t('members')}</Link>
        </div>
      </Section>
      {credits && (
        <Section id="credits" title={t('credits')} text={t('credits_text')}>
          <strong className="tabular">
            {money(credits.balance, credits.currency, i18n.language)}
          </strong>
        </Section>
      )}
    </>
  );
}

/** What will be refused, or is refused already, before anybody meets it. */
function Warnings({ usage: now }: { usage: Usage }) {
  const { t, i18n } = useTranslation('plan');
  const number = new Intl.NumberFormat(i18n.language);
  const date = dayOf(nextMonth(Date.now()), i18n.language);
  const price = money(now.plan.extra_ticket ?? 0, now.plan.currency, i18n.language);
  const said = counted(now).flatMap((one) => {
    const level = levelOf(one.used, one.allowed);
    if (level === 'free' || level === 'fine') return [];
    const words = isRefused(one, now.plan) ? one.of : 'extra';
    const left = number.format((one.allowed ?? 0) - one.used);
    return [t(`warning.${words}_${level}`, { left, date, price })];
  });
  return said.map((words) => (
    <div key={words} className={page.hint}>
      {words}
    </div>
  ));
}
