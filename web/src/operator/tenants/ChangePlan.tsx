import { Loader, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan, Tenant, Usage } from '~/api/types';
import { Limits } from '~/features/plan/Limits';
import { Refusal } from '~/features/session/Refusal';
import { ErrorState } from '~/ui/ErrorState';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { planList } from '../plans/queries';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { assignPlan, tenantUsage } from './billing';
import { nameOf } from './status';

type Props = {
  tenant: Tenant;
  /** The code of the plan that it has. */
  now: string;
  onDone: (said: string) => void;
};

/** Gives a tenant another plan, which one chooses among those that there are. */
export function ChangePlan(props: Props) {
  const { t } = useTranslation('operator');
  return (
    <InDialog act={t('plan.change')} title={t('plan.change_title', { name: nameOf(props.tenant) })}>
      {(close) => <Choice {...props} onClose={close} />}
    </InDialog>
  );
}

function Choice(props: Props & { onClose: () => void }) {
  const { t } = useTranslation('operator');
  const list = useQuery(planList);
  if (list.isPending) return <Loader size="sm" aria-label={t('list.loading')} />;
  if (!list.data) {
    return (
      <ErrorState title={t('list.error')} error={list.error} onRetry={() => void list.refetch()} />
    );
  }
  const others = list.data.filter(({ code }) => code !== props.now);
  const [first] = others;
  return first ? (
    <Form {...props} plans={others} first={first} />
  ) : (
    <p className={page.text}>{t('plan.no_other')}</p>
  );
}

function Form(props: Props & { plans: Plan[]; first: Plan; onClose: () => void }) {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const overs = useOver();
  const { tenant, plans, first } = props;
  const [code, setCode] = useState(first.code);
  const chosen = plans.find((plan) => plan.code === code) ?? first;
  const { slug } = tenant;
  const assign = useMutation({
    mutationFn: () => assignPlan(slug, chosen.code),
    onSuccess: (usage) => {
      client.setQueryData(tenantUsage(slug).queryKey, usage);
      const names = { name: nameOf(tenant), plan: usage.plan.name };
      props.onDone([t('plan.changed', names), ...overs(usage)].join(' '));
      props.onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: tenantUsage(slug).queryKey }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    assign.mutate();
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('plan.change_text')}</p>
      <Refusal error={assign.error} says={assign.error ? explain(assign.error) : null} />
      <NativeSelect
        label={t('plan.to')}
        data-autofocus
        value={chosen.code}
        onChange={(event) => setCode(event.currentTarget.value)}
        data={plans.map((plan) => ({
          value: plan.code,
          label:
            plan.price > 0
              ? t('plan.choice', {
                  name: plan.name,
                  price: money(plan.price, plan.currency, i18n.language),
                })
              : plan.name,
        }))}
      />
      <Limits plan={chosen} counted connections />
      <FormEnd
        submit={t('plan.submit', { slug })}
        pending={assign.isPending}
        onClose={props.onClose}
      />
    </form>
  );
}

/** Of what there is more than the plan allows, in sentences. */
function useOver(): (usage: Usage) => string[] {
  const { t, i18n } = useTranslation('operator');
  const say = (value: number) => new Intl.NumberFormat(i18n.language).format(value);
  return ({ over }) =>
    over.map(({ limit, used, allowed }) => {
      const key = `plan.over.${limit}`;
      const values = { used: say(used), allowed: say(allowed) };
      if (i18n.exists(key, { ns: 'operator' })) return t(key as 'plan.over.agents', values);
      return t('plan.over.other', { ...values, limit });
    });
}
