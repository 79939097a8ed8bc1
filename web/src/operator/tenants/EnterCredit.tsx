import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { EnterCredit as Entry, Tenant } from '~/api/types';
import { Refusal } from '~/features/session/Refusal';
import { digitsOf, minorOf, money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { creditList, enterCredit, tenantUsage } from './billing';
import { nameOf } from './status';

type Props = {
  tenant: Tenant;
  /** That of its credits, once it has had any: it stays. */
  currency?: string;
  onDone: (said: string) => void;
};

/** What an operator may enter; invoices alone spend. */
const KINDS = ['purchase', 'gift', 'refund', 'correction'] as const satisfies Entry['kind'][];

/** Puts something into a tenant's credits, or takes it out. */
export function EnterCredit(props: Props) {
  const { t } = useTranslation('operator');
  return (
    <InDialog
      act={t('credits.enter')}
      title={t('credits.enter_title', { name: nameOf(props.tenant) })}
    >
      {(close) => <Form {...props} onClose={close} />}
    </InDialog>
  );
}

type Typed = Record<'amount' | 'currency' | 'reference' | 'note', string>;

function Form({ tenant, currency, onDone, onClose }: Props & { onClose: () => void }) {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const { slug } = tenant;
  const [kind, setKind] = useState<Entry['kind']>('purchase');
  const [typed, setTyped] = useState<Typed>({
    amount: '',
    currency: currency ?? 'EUR',
    reference: '',
    note: '',
  });
  const [fault, setFault] = useState(false);
  const enter = useMutation({
    mutationFn: (body: Entry) => enterCredit(slug, body),
    onSuccess: (entry) => {
      const balance = money(entry.balance, entry.currency, i18n.language);
      onDone(t('credits.entered', { name: nameOf(tenant), balance }));
      onClose();
    },
    onSettled: () =>
      Promise.all(
        [creditList(slug).queryKey, tenantUsage(slug).queryKey].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const refused = enter.error instanceof ApiError ? enter.error.fields : [];
  const isTaken = enter.error instanceof ApiError && enter.error.code === 'conflict';
  const wrong = (name: keyof Typed) =>
    (name === 'amount' && fault) || refused.some(({ field }) => field === name);
  const field = (name: keyof Typed) => ({
    label: t(`credits.${name}`),
    autoComplete: 'off',
    value: typed[name],
    error: wrong(name)
      ? t(`credits.wrong.${name}`)
      : name === 'reference' && isTaken
        ? t('credits.taken')
        : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const code = typed.currency.trim().toUpperCase();
    const amount = minorOf(typed.amount, digitsOf(code));
    setFault(amount === undefined);
    if (amount === undefined) return enter.reset();
    const note = typed.note.trim() || undefined;
    enter.mutate({ kind, amount, currency: code, reference: typed.reference.trim(), note });
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      {refused.length === 0 && !isTaken && (
        <Refusal error={enter.error} says={enter.error ? explain(enter.error) : null} />
      )}
      <NativeSelect
        label={t('credits.kind')}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Entry['kind'])}
        data={KINDS.map((value) => ({ value, label: t(`credits.kinds.${value}`) }))}
      />
      <TextInput
        {...field('amount')}
        description={t(kind === 'correction' ? 'credits.amount_signed' : 'credits.amount_text')}
        inputMode="decimal"
        data-autofocus
      />
      <TextInput {...field('currency')} readOnly={Boolean(currency)} maxLength={3} />
      <TextInput {...field('reference')} description={t('credits.reference_text')} />
      <TextInput {...field('note')} />
      <FormEnd submit={t('credits.submit', { slug })} pending={enter.isPending} onClose={onClose} />
    </form>
  );
}
