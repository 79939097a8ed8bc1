import type { Ticket } from '~/api/types';

/** What the staff is told of a ticket's order. */
export type Order =
  | { validation: 'pending' | 'not_found' }
  | {
      validation: 'valid';
      number: string;
      state: string;
      payment: string;
      amount_cents: number;
      currency: string;
      placed_at: string;
      updated_at: string;
    };

/** The order that a ticket's metadata tell of; null where nobody was asked. */
export function orderOf(ticket: Ticket): Order | null {
  const { metadata } = ticket;
  if (typeof metadata !== 'object' || metadata === null || !('order' in metadata)) return null;
  return metadata.order as Order;
}

/** What an order is worth, in the reader's language. */
export function worth(cents: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(cents / 100);
}
