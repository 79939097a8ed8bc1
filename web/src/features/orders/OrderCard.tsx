import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { RelativeTime } from '~/ui/RelativeTime';
import classes from './OrderCard.module.css';
import { orderOf, worth } from './order';

/** The order that a ticket is about, as those see it who answer. */
export function OrderCard({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('orders');
  const order = orderOf(ticket);
  const rows: [string, ReactNode][] = [[t('id'), ticket.order_id]];
  if (order?.validation === 'valid') {
    rows.push(
      [t('number'), order.number],
      [t('state.title'), t(`state.${order.state}` as 'state.other')],
      [t('payment.title'), t(`payment.${order.payment}` as 'payment.other')],
      [t('value'), worth(order.amount_cents, order.currency, i18n.language)],
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
      <dl className={classes.rows}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
