import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { aTicket } from '~/testing/people';
import { show } from '~/testing/show';
import { OrderCard } from './OrderCard';

const order = {
  validation: 'valid',
  number: '2026-1',
  state: 'delivered',
  payment: 'failed',
  amount_cents: 64_905,
  currency: 'EUR',
  placed_at: '2026-02-28T10:00:00Z',
  updated_at: '2026-03-01T08:00:00Z',
  version: 3,
};

test('an order that is there shows its number, state, payment and value', async () => {
  await show(<OrderCard ticket={aTicket({ order_id: 'CMD-1', metadata: { order } })} />);
  for (const text of ['Found', 'CMD-1', '2026-1', 'Delivered', 'Failed', '€649.05']) {
    expect(screen.getByText(text)).toBeVisible();
  }
});

test('one that nobody could tell of, and one that is not there, say so and no more', async () => {
  for (const [validation, text] of [
    ['pending', 'Not checked yet'],
    ['not_found', 'There is no such order'],
  ] as const) {
    const metadata = { order: { validation } };
    await show(<OrderCard ticket={aTicket({ order_id: `CMD-${validation}`, metadata })} />);
    expect(screen.getByText(text)).toBeVisible();
    expect(screen.queryByText('Value')).toBeNull();
  }
});

test('where nobody was asked, the id alone is shown', async () => {
  await show(<OrderCard ticket={aTicket({ order_id: 'CMD-9', metadata: {} })} />);
  expect(screen.getByText('CMD-9')).toBeVisible();
  expect(screen.queryByText('Found')).toBeNull();
});
