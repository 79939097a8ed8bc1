import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CreditEntry, Tenant, Usage } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { money } from '~/ui/money';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { creditList } from './billing';
import { EnterCredit } from './EnterCredit';

/** What a tenant has paid ahead, and how that came and went. */
export function Credits(props: {
  tenant: Tenant;
  balance: Usage['credits'];
  onDone: (said: string) => void;
}) {
  const { t, i18n } = useTranslation('operator');
  const { tenant, balance } = props;
  const list = useInfiniteQuery(creditList(tenant.slug));
  return (
    <section aria-labelledby="tenant-credits" style={{ marginTop: 24 }}>
      <div className={ui.head}>
        <div>
          <h2 id="tenant-credits" className={page.heading}>
            {balance
              ? t('credits.title_of', {
                  balance: money(balance.balance, balance.currency, i18n.language),
                })
              : t('credits.title')}
          </h2>
          <Link to="/invoices" search={{ tenant: tenant.slug }}>
            {t('credits.invoices')}
          </Link>
        </div>
        <EnterCredit {...props} currency={balance?.currency} />
      </div>
      <Listing
        list={list}
        empty={<EmptyState title={t('credits.empty')} text={t('credits.empty_text')} />}
      >
        {(entries) => <Entries entries={entries} />}
      </Listing>
    </section>
  );
}

function Entries({ entries }: { entries: CreditEntry[] }) {
  const { t, i18n } = useTranslation('operator');
  const amount = (entry: CreditEntry, minor: number) => money(minor, entry.currency, i18n.language);
  return (
    <table className={ui.table} aria-labelledby="tenant-credits">
      <thead>
        <tr>
          <th scope="col">{t('credits.reference')}</th>
          <th scope="col">{t('credits.kind')}</th>
          <th scope="col">{t('credits.made')}</th>
          <th scope="col" className={ui.number}>
            {t('credits.amount')}
          </th>
          <th scope="col" className={ui.number}>
            {t('credits.balance')}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <th scope="row">
              <span className={ui.names}>
                {entry.reference}
                {entry.note && <span className={ui.dim}>{entry.note}</span>}
              </span>
            </th>
            <td data-label={t('credits.kind')}>{t(`credits.kinds.${entry.kind}`)}</td>
            <td data-label={t('credits.made')}>
              <RelativeTime at={entry.made_at} />
            </td>
            <td data-label={t('credits.amount')} className={ui.number}>
              {amount(entry, entry.amount)}
            </td>
            <td data-label={t('credits.balance')} className={ui.number}>
              {amount(entry, entry.balance)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
