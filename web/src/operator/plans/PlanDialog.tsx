import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
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
  FIELDS,
  FIRST,
  type Field,
  isCode,
  refused,
  type Typed,
  typedPlan,
} from './fields';
import { planKeys, putPlan } from './queries';

type Props = {
  /** The one to change; without it another one is made. */
  plan?: Plan;
  plans: Plan[];
  onDone: (said: string) => void;
};

/** Makes a plan, or changes one. */
export function PlanDialog(props: Props) {
  const { t } = useTranslation('operator');
  const { t: common } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { plan } = props;
  const close = () => setOpened(false);
  return (
    <>
      {plan ? (
        <Button
          size="xs"
          variant="default"
          aria-label={t('plans.edit_label', { name: plan.name })}
          onClick={() => setOpened(true)}
        >
          {t('plans.edit')}
        </Button>
      ) : (
        <Button onClick={() => setOpened(true)}>{t('plans.new')}</Button>
      )}
      <Modal
        opened={opened}
        onClose={close}
        size="lg"
        title={plan ? t('plans.edit_title', { name: plan.name }) : t('plans.new')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Form {...props} onClose={close} />
      </Modal>
    </>
  );
}

const NUMBERS: readonly Field[] = FIELDS.filter(
  (name) => name !== 'code' && name !== 'name' && name !== 'currency',
);

function Form({ plan, plans, onDone, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const [typed, setTyped] = useState<Typed>(plan ? typedPlan(plan) : FIRST);
  const [faults, setFaults] = useState<Field[]>([]);
  const code = typed.code.trim();
  const put = useMutation({
    mutationFn: () => putPlan(code, bodyOf(typed).body),
    onSuccess: ({ name }) => {
      onDone(t(plan ? 'plans.changed' : 'plans.made', { name }));
      onClose();
    },
    onError: (error) => setFaults(refused(error)),
    onSettled: () => client.invalidateQueries({ queryKey: planKeys }),
  });
  const isTaken = !plan && plans.some((other) => other.code === code);
  function submit(event: FormEvent) {
    event.preventDefault();
    const found = bodyOf(typed).faults;
    if (isTaken || !isCode(code)) found.unshift('code');
    setFaults(found);
    if (found.length === 0) put.mutate();
    else put.reset();
  }
  const field = (name: Field) => ({
    label: t(`plans.field.${name}`),
    description: t(`plans.text.${name}`),
    autoComplete: 'off',
    inputMode: NUMBERS.includes(name) ? ('decimal' as const) : undefined,
    value: typed[name],
    error: faults.includes(name)
      ? t(name === 'code' && isTaken ? 'plans.taken' : `plans.wrong.${name}`)
      : isPriced(name) && isInUse(put.error)
        ? t('plans.in_use')
        : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
      setFaults((before) => before.filter((other) => other !== name));
    },
  });
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('plans.form_text')}</p>
      {refused(put.error).length === 0 && (
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

/** Whether the price was to change of a plan that somebody has had. */
function isInUse(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'plan_in_use';
}

const isPriced = (name: Field): boolean =>
  name === 'price' || name === 'extra_ticket' || name === 'currency';
