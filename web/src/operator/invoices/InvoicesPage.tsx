import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Invoice } from '~/api/types';
import { InvoiceState, STATES } from '~/features/plan/InvoiceState';
import { monthOf } from '~/features/plan/month';
import { EmptyState } from '~/ui/EmptyState';
import { IconReceipt } from '~/ui/icons';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { type InvoiceFilters, invoiceList } from './queries';

/** What tenants owe and have paid, month by month. */
export function InvoicesPage() {
  const { t } = useTranslation('operator');
  useTitle(t('invoices.title'));
  const { tenant, state }: InvoiceFilters = useSearch({ strict: false });
  const list = useInfiniteQuery(invoiceList({ tenant, state }));
  const filtered = Boolean(tenant || state);
  return (
    <>
      <h1 className={page.title}>{t('invoices.title')}</h1>
      <p className={page.intro}>{t('invoices.intro')}</p>
      <Filter tenant={tenant} state={state} />
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconReceipt size={24} stroke={1.5} />}
            title={t(filtered ? 'invoices.nothing' : 'invoices.empty')}
            text={t(filtered ? 'invoices.nothing_text' : 'invoices.empty_text')}
          />
        }
      >
        {(invoices) => <Table invoices={invoices} />}
      </Listing>
    </>
  );
}

function Filter(now: InvoiceFilters) {
  const { t } = useTranslation('operator');
  const { t: plan } = useTranslation('plan');
  const navigate = useNavigate();
  const [typed, setTyped] = useState(now.tenant ?? '');
  useEffect(() => setTyped(now.tenant ?? ''), [now.tenant]);
  const go = (search: InvoiceFilters) => void navigate({ to: '/invoices', search });
  function submit(event: FormEvent) {
    event.preventDefault();
    go({ ...now, tenant: typed.trim() || undefined });
  }
  return (
    <form className={ui.filters} aria-label={t('invoices.filter')} noValidate onSubmit={submit}>
      <TextInput
        label={t('jobs.tenant')}
        size="xs"
        placeholder="acme"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <NativeSelect
        label={t('invoices.state')}
        size="xs"
        value={STATES.find((known) => known === now.state) ?? ''}
        onChange={(event) => {
          const state = event.currentTarget.value || undefined;
          go({ tenant: typed.trim() || undefined, state });
        }}
        data={[
          { value: '', label: t('tenants.any') },
          ...STATES.map((value) => ({ value, label: plan(`invoice.states.${value}`) })),
        ]}
      />
      <Button type="submit" size="xs">
        {t('list.filter')}
      </Button>
      {(now.tenant || now.state) && (
        <Button size="xs" variant="subtle" onClick={() => go({})}>
          {t('list.clear')}
        </Button>
      )}
    </form>
  );
}

function Table({ invoices }: { invoices: Invoice[] }) {
  const { t } = useTranslation('operator');
  const { t: plan } = useTranslation('plan');
  return (
    <table className={ui.table} aria-label={t('invoices.title')}>
      <thead>
        <tr>
          <th scope="col">{plan('invoice.number')}</th>
          <th scope="col">{t('jobs.tenant')}</th>
          <th scope="col">{plan('invoice.period')}</th>
          <th scope="col" className={ui.number}>
            {plan('invoice.total')}
          </th>
          <th scope="col" className={ui.number}>
            {plan('invoice.due')}
          </th>
          <th scope="col">{plan('invoice.state')}</th>
        </tr>
      </thead>
      <tbody>
        {invoices.map((invoice) => (
          <Row key={invoice.id} invoice={invoice} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ invoice }: { invoice: Invoice }) {
  const { t, i18n } = useTranslation('plan');
  const { state, refusal } = invoice;
  const amount = (minor: number) => money(minor, invoice.currency, i18n.language);
  return (
    <tr>
      <th scope="row">
        <Link to="/invoices/$id" params={{ id: invoice.id }}>
          {invoice.number ?? t('invoice.draft')}
        </Link>
      </th>
      <td data-label={t('invoice.to')}>
        <span className={ui.names}>
          <Link to="/tenants/$slug" params={{ slug: invoice.tenant }}>
            {invoice.tenant}
          </Link>
          <span className={ui.dim}>{invoice.organisation}</span>
        </span>
      </td>
      <td data-label={t('invoice.period')}>{monthOf(invoice.period, i18n.language)}</td>
      <td data-label={t('invoice.total')} className={ui.number}>
        {state === 'draft' ? '–' : amount(invoice.total)}
      </td>
      <td data-label={t('invoice.due')} className={ui.number}>
        {state === 'issued' ? amount(invoice.due) : '–'}
      </td>
      <td data-label={t('invoice.state')}>
        <span>
          <InvoiceState state={state} />
          {state === 'issued' && refusal && <span className={ui.error}>{refusal}</span>}
        </span>
      </td>
    </tr>
  );
}
