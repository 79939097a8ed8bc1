import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { Invoice } from '~/api/types';
import { Refusal } from '~/features/session/Refusal';
import { money } from '~/ui/money';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { tenantKeys } from '../tenants/queries';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { TypedConfirm } from '../ui/TypedConfirm';
import { invoiceKeys, oneInvoice, payInvoice, voidInvoice } from './queries';

type Props = { invoice: Invoice; onDone: (said: string) => void };

/** What an operator makes of an invoice that is owed: it was paid, or is not to be. */
export function Settle(props: Props) {
  if (props.invoice.state !== 'issued') return null;
  return (
    <>
      <Pay {...props} />
      <Void {...props} />
    </>
  );
}

/** Does it, shows what the server then says, and asks for all lists anew. */
function useSettle(
  invoice: Invoice,
  settle: (payment: string) => Promise<Invoice>,
  told: { onSuccess: () => void; onError?: (error: unknown) => void },
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: settle,
    onSuccess: (now) => {
      // First: the buttons, and what belongs to them, go with the state.
      told.onSuccess();
      client.setQueryData(oneInvoice(invoice.id).queryKey, now);
    },
    onError: told.onError,
    onSettled: () =>
      Promise.all(
        [invoiceKeys, tenantKeys].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}

function Pay(props: Props) {
  const { t } = useTranslation('operator');
  return (
    <InDialog
      act={t('invoices.pay')}
      title={t('invoices.pay_title', { number: props.invoice.number })}
    >
      {(close) => <PayForm {...props} onClose={close} />}
    </InDialog>
  );
}

function PayForm({ invoice, onDone, onClose }: Props & { onClose: () => void }) {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplainHere();
  const [payment, setPayment] = useState('');
  const { number } = invoice;
  const pay = useSettle(invoice, (known) => payInvoice(invoice.id, known), {
    onSuccess: () => {
      onDone(t('invoices.paid', { number }));
      onClose();
    },
  });
  const amount = money(invoice.due, invoice.currency, i18n.language);
  const wrong = pay.error instanceof ApiError && pay.error.fields.length > 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    pay.mutate(payment.trim());
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('invoices.pay_text', { amount })}</p>
      {!wrong && <Refusal error={pay.error} says={pay.error ? explain(pay.error) : null} />}
      <TextInput
        label={t('invoices.payment')}
        description={t('invoices.payment_text')}
        autoComplete="off"
        data-autofocus
        value={payment}
        error={wrong ? t('invoices.payment_wrong') : null}
        onChange={(event) => setPayment(event.currentTarget.value)}
      />
      <FormEnd
        submit={t('invoices.pay_submit', { number })}
        pending={pay.isPending}
        onClose={onClose}
      />
    </form>
  );
}

function Void({ invoice, onDone }: Props) {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplainHere();
  const [asked, setAsked] = useState(false);
  const number = invoice.number ?? '';
  const settle = useSettle(invoice, () => voidInvoice(invoice.id), {
    onSuccess: () => onDone(t('invoices.voided', { number })),
    onError: (error) => void notifyFailure(t('invoices.not_voided', { number }), explain(error)),
  });
  const credits = money(invoice.credits, invoice.currency, i18n.language);
  return (
    <>
      <Button
        variant="default"
        c="var(--hd-bad)"
        loading={settle.isPending}
        onClick={() => setAsked(true)}
      >
        {t('invoices.void')}
      </Button>
      <TypedConfirm
        opened={asked}
        title={t('invoices.void_title', { number })}
        text={t(invoice.credits > 0 ? 'invoices.void_credits' : 'invoices.void_text', { credits })}
        name={number}
        submit={t('invoices.void_submit', { number })}
        destructive
        onConfirm={() => settle.mutate('')}
        onClose={() => setAsked(false)}
      />
    </>
  );
}
