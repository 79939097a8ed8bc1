import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import { IconArrowLeft, IconPrinter } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import classes from './Plan.module.css';
import { oneInvoice } from './queries';
import { Sheet } from './Sheet';

/** One of the organisation's invoices, to read and to print. */
export function InvoicePage() {
  const { t } = useTranslation('plan');
  const { id = '' } = useParams({ strict: false });
  const invoice = useQuery(oneInvoice(id));
  // Browsers propose it as the name of the file.
  useTitle(t('invoice.title', { number: invoice.data?.number ?? '' }));
  return (
    <>
      <div className={classes.bar}>
        <Link to="/settings/plan" className={classes.back}>
          <IconArrowLeft size={16} aria-hidden="true" />
          {t('title')}
        </Link>
        {invoice.data && <Print />}
      </div>
      {invoice.data ? (
        <Sheet invoice={invoice.data} />
      ) : invoice.isError ? (
        <div className={page.card}>
          <ErrorState
            title={t('invoice.error')}
            error={invoice.error}
            onRetry={() => void invoice.refetch()}
          />
        </div>
      ) : (
        <div role="status" aria-busy="true" aria-label={t('invoice.loading')}>
          <Skeleton height={320} mt={16} radius={12} />
        </div>
      )}
    </>
  );
}

/** Prints the page, of which the invoice alone comes on paper. */
export function Print() {
  const { t } = useTranslation('plan');
  return (
    <Button
      variant="default"
      leftSection={<IconPrinter size={16} />}
      onClick={() => window.print()}
    >
      {t('invoice.print')}
    </Button>
  );
}
