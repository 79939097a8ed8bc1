import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { type Fact, Facts } from '~/ui/Facts';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './OrderCard.module.css';

/** What the staff is told of a ticket's order; nothing in `metadata` where nobody was asked. */
type Order =
  | { validation: 'pending' | 'not_found' }
  | {
      validation: 'valid';
      number: string;
      state: string;
      payment: string;
      /** Hundredths, whatever the currency. */
      amount_cents: number;
      currency: string;
      placed_at: string;
      updated_at: string;
    };

/** The order that a ticket is about, as those see it who answer. */
export function OrderCard({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('orders');
  const { order } = (ticket.metadata ?? {}) as { order?: Order };
  const facts: Fact[] = [[t('id'), ticket.order_id]];
  if (order?.validation === 'valid') {
    const { currency } = order;
    const value = new Intl.NumberFormat(i18n.language, { style: 'currency', currency });
    facts.push(
      [t('number'), order.number],
      [t('state.title'), t(`state.${order.state}` as 'state.other')],
      [t('payment.title'), t(`payment.${order.payment}` as 'payment.other')],
      [t('value'), value.format(order.amount_cents / 100)],
      [t('placed'), <RelativeTime key="placed" at={order.placed_at} />],
      [t('updated'), <RelativeTime key="updated" at={order.updated_at} />],
    );
  }
  return (
    <>
      {order && (
        <p className={classes.validation} data-validation={order.validation}>
          {t(`validation.${order.validation}`)}
        </p>
      )}
      <Facts facts={facts} />
    </>
  );
}
