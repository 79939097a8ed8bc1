import { useTranslation } from 'react-i18next';
import type { Plan } from '~/api/types';
import { money } from '~/ui/money';
import { useSize } from '~/ui/size';
import classes from './Plan.module.css';

/** What a plan costs, and what it allows beside what the meters show; `counted`: of that, too. */
export function Limits(props: { plan: Plan; counted?: boolean; connections?: boolean }) {
  const { t, i18n } = useTranslation('plan');
  const { plan, counted = false, connections = false } = props;
  const size = useSize();
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value);
  const bound = (value: number | null | undefined, say = number) =>
    typeof value === 'number' ? say(value) : t('limits.none');
  const facts: [name: string, value: string, shown?: boolean][] = [
    [t('limits.price'), plan.price > 0 ? cost(plan.price) : t('limits.free')],
    [t('limits.extra'), amount(plan.extra_ticket ?? 0), typeof plan.extra_ticket === 'number'],
    [t('limits.agents'), bound(plan.agents), counted],
    [t('limits.tickets'), bound(plan.tickets_a_month), counted],
    [t('limits.storage'), bound(plan.storage_bytes, size)],
    [t('limits.files'), bound(plan.storage_files)],
    [t('limits.uploads'), bound(plan.uploads_a_day)],
    [t('limits.requests'), bound(plan.requests_a_minute)],
    [t('limits.connections'), bound(plan.connections), connections],
    [t('limits.trail'), t('limits.months', { count: plan.audit_months })],
  ];
  function amount(minor: number): string {
    return money(minor, plan.currency, i18n.language);
  }
  function cost(price: number): string {
    return t('limits.monthly', { price: amount(price) });
  }
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, , shown = true]) => shown)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
