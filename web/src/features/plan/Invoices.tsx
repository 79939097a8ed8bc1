import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Invoice } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconReceipt } from '~/ui/icons';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { RowsToCome } from '~/ui/RowsToCome';
import { dateOnly } from '~/ui/time';
import { InvoiceState } from './InvoiceState';
import { monthOf } from './month';
import classes from './Plan.module.css';
import { invoiceList } from './queries';

/** The organisation's invoices, in whatever state the list is. */
export function Invoices() {
  const { t } = useTranslation('plan');
  const list = useInfiniteQuery(invoiceList);
  const all = list.data?.pages.flatMap((one) => one.data) ?? [];
  return (
    <section className={page.card} aria-labelledby="invoices">
      <h2 id="invoices" className={`${page.heading} ${classes.heading}`}>
        {t('invoices.title')}
      </h2>
      {list.isPending ? (
        <RowsToCome label={t('invoices.loading')} />
      ) : !list.data ? (
        <ErrorState
          title={t('invoices.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      ) : all.length === 0 ? (
        <EmptyState
          icon={<IconReceipt size={24} stroke={1.5} />}
          title={t('invoices.none')}
          text={t('invoices.none_text')}
        />
      ) : (
        <Table invoices={all} />
      )}
      {list.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          m="sm"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('invoices.more')}
        </Button>
      )}
      {list.isFetchNextPageError && (
        <p className={page.problem} role="alert" style={{ padding: '0 20px 16px' }}>
          {t('invoices.more_error')}
        </p>
      )}
    </section>
  );
}

function Table({ invoices }: { invoices: Invoice[] }) {
  const { t, i18n } = useTranslation('plan');
  return (
    <table className={classes.table} aria-labelledby="invoices">
      <thead>
        <tr>
          <th scope="col">{t('invoice.number')}</th>
          <th scope="col">{t('invoice.period')}</th>
          <th scope="col">{t('invoice.issued')}</th>
          <th scope="col" className={classes.amount}>
            {t('invoice.total')}
          </th>
          <th scope="col">{t('invoice.state')}</th>
        </tr>
      </thead>
      <tbody>
        {invoices.map((invoice) => (
          <tr key={invoice.id}>
            <th scope="row">
              <Link to="/settings/plan/invoices/$id" params={{ id: invoice.id }}>
                {invoice.number ?? t('invoice.draft')}
              </Link>
            </th>
            <td data-label={t('invoice.period')}>{monthOf(invoice.period, i18n.language)}</td>
            <td data-label={t('invoice.issued')}>
              {invoice.issued_at && dateOnly(invoice.issued_at, i18n.language)}
            </td>
            <td data-label={t('invoice.total')} className={classes.amount}>
              {money(invoice.total, invoice.currency, i18n.language)}
            </td>
            <td data-label={t('invoice.state')}>
              <InvoiceState state={invoice.state} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
