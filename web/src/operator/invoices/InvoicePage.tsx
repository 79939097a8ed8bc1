import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Print } from '~/features/plan/InvoicePage';
import { Sheet } from '~/features/plan/Sheet';
import { ErrorState } from '~/ui/ErrorState';
import { IconArrowLeft } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Promised } from '../ui/Listing';
import { Said } from '../ui/Said';
import { Stale } from '../ui/Stale';
import ui from '../ui/ui.module.css';
import { oneInvoice } from './queries';
import { Settle } from './Settle';

/** One invoice: what it says, and what becomes of it. */
export function InvoicePage() {
  const { t } = useTranslation('operator');
  const { t: plan } = useTranslation('plan');
  const { id = '' } = useParams({ strict: false });
  const invoice = useQuery(oneInvoice(id));
  const [said, setSaid] = useState('');
  useTitle(plan('invoice.title', { number: invoice.data?.number ?? '' }));
  return (
    <>
      <div className={ui.head}>
        <Link to="/invoices" className={ui.back}>
          <IconArrowLeft size={16} aria-hidden="true" />
          {t('invoices.title')}
        </Link>
        {invoice.data && (
          <div className={page.buttons}>
            <Print />
            <Settle invoice={invoice.data} onDone={setSaid} />
          </div>
        )}
      </div>
      <Said>{said}</Said>
      <Stale when={invoice.isRefetchError} />
      {invoice.data ? (
        <>
          <Link to="/tenants/$slug" params={{ slug: invoice.data.tenant }}>
            {t('invoices.tenant', { slug: invoice.data.tenant })}
          </Link>
          <Sheet invoice={invoice.data} />
        </>
      ) : invoice.isPending ? (
        <Promised />
      ) : (
        <div className={page.card}>
          <ErrorState
            title={plan('invoice.error')}
            error={invoice.error}
            onRetry={() => void invoice.refetch()}
          />
        </div>
      )}
    </>
  );
}
