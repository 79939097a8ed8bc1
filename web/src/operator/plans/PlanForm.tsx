import { Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { Plan } from '~/api/types';
import { Refusal } from '~/features/session/Refusal';
import page from '~/ui/page.module.css';
import { useExplainHere } from '../ui/explain';
import { FormEnd } from '../ui/InDialog';
import ui from '../ui/ui.module.css';
import {
  bodyOf,
  type Felt,
  FIELDS,
  FIRST,
  type Field,
  feltOf,
  isCode,
  refused,
  type Typed,
  typedPlan,
} from './fields';
import { planKeys, putPlan } from './queries';
import { Sure } from './Sure';

type Props = {
  plan?: Plan;
  plans: Plan[];
  onDone: (said: string) => void;
  onClose: () => void;
};

const NUMBERS: readonly Field[] = FIELDS.filter(
  (name) => name !== 'code' && name !== 'name' && name !== 'currency',
);

/** All of a plan. What others will feel of it is asked about before it is sent. */
export function PlanForm({ plan, plans, onDone, onClose }: Props) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  // What was on the screen when the form was opened, whatever the list learns meanwhile.
  const [version] = useState(plan?.version ?? 0);
  const [typed, setTyped] = useState<Typed>(plan ? typedPlan(plan) : FIRST);
  const [faults, setFaults] = useState<Field[]>([]);
  const [felt, setFelt] = useState<Felt[]>([]);
  // A code that somebody has made a plan of since the list was read.
  const [met, setMet] = useState('');
  const isMet = (error: unknown) => !plan && isRefusedAs(error, 'version_mismatch');
  const code = typed.code.trim();
  const put = useMutation({
    mutationFn: (as: string) => putPlan(as, version, bodyOf(typed).body),
    onSuccess: ({ name }) => {
      onDone(t(plan ? 'plans.changed' : 'plans.made', { name }));
      onClose();
    },
    onError: (error, as) => {
      setFelt([]);
      setFaults(isMet(error) ? ['code'] : refused(error));
      if (isMet(error)) setMet(as);
    },
    onSettled: () => client.invalidateQueries({ queryKey: planKeys }),
  });
  const isTaken = !plan && (code === met || plans.some((other) => other.code === code));
  function submit(event: FormEvent) {
    event.preventDefault();
    const { body, faults: found } = bodyOf(typed);
    if (isTaken || !isCode(code)) found.unshift('code');
    setFaults(found);
    if (found.length > 0) return put.reset();
    const asked = plan ? feltOf(plan, body) : [];
    setFelt(asked);
    if (asked.length === 0) put.mutate(code);
  }
  const field = (name: Field) => ({
    label: t(`plans.field.${name}`),
    description: t(`plans.text.${name}`),
    autoComplete: 'off',
    inputMode: NUMBERS.includes(name) ? ('decimal' as const) : undefined,
    value: typed[name],
    error: faults.includes(name)
      ? t(name === 'code' && isTaken ? 'plans.taken' : `plans.wrong.${name}`)
      : isPriced(name) && isRefusedAs(put.error, 'plan_in_use')
        ? t('plans.in_use')
        : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
      setFaults((before) => before.filter((other) => other !== name));
    },
  });
  if (felt.length > 0) {
    return (
      <Sure
        felt={felt}
        pending={put.isPending}
        onConfirm={() => put.mutate(code)}
        onBack={() => setFelt([])}
      />
    );
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('plans.form_text')}</p>
      {!isMet(put.error) && refused(put.error).length === 0 && (
        <Refusal error={put.error} says={put.error ? explain(put.error) : null} />
      )}
      <div className={ui.fields}>
        {!plan && (
          <TextInput {...field('code')} autoCapitalize="none" spellCheck={false} data-autofocus />
        )}
        <TextInput {...field('name')} data-autofocus={plan ? true : undefined} />
        {FIELDS.filter((name) => name !== 'code' && name !== 'name').map((name) => (
          <TextInput key={name} {...field(name)} />
        ))}
      </div>
      <Checkbox
        label={t('plans.field.is_default')}
        description={t('plans.text.is_default')}
        checked={typed.is_default}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          setTyped((before) => ({ ...before, is_default: checked }));
        }}
      />
      <FormEnd
        submit={plan ? t('plans.save') : t('plans.make')}
        pending={put.isPending}
        onClose={onClose}
      />
    </form>
  );
}

const isRefusedAs = (error: unknown, code: string): boolean =>
  error instanceof ApiError && error.code === code;

const isPriced = (name: Field): boolean =>
  name === 'price' || name === 'extra_ticket' || name === 'currency';
