import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { aCategory, aField } from '~/testing/desk';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TicketForm } from '../tickets/TicketForm';

const OPEN = 'POST /api/v1/tickets';
const serial = aField({ category_id: 6, required_for_customers: true });

async function form(person: 'chloe' | 'lea', table: Parameters<typeof answer>[0] = {}) {
  welcome(person === 'chloe' ? loginOf(chloe, 'customer') : loginOf(lea));
  const asked = answer({
    'GET /api/v1/categories': page([aCategory()]),
    'GET /api/v1/custom-fields': page([serial]),
    [OPEN]: { status: 201, body: aTicket() },
    ...table,
  });
  await show(<TicketForm />, '/tickets/new');
  await screen.findByLabelText('Category');
  await userEvent.type(screen.getByLabelText('Subject'), 'Broken');
  await userEvent.type(screen.getByLabelText('Description'), 'It broke.');
  return asked;
}
const send = () => userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
const sent = (asked: Awaited<ReturnType<typeof form>>) =>
  asked.find(({ method }) => method === 'POST');

test('a category asks a customer for its fields, and they are sent with the ticket', async () => {
  const asked = await form('chloe');
  expect(screen.queryByLabelText(/^Serial number/)).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await send();
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(sent(asked)).toBeUndefined();
  await userEvent.type(screen.getByLabelText(/^Serial number/), 'A-17');
  await send();
  await waitFor(() => expect(sent(asked)).toBeDefined());
  expect(sent(asked)?.body).toEqual({
    subject: 'Broken',
    description: 'It broke.',
    category: 'repair',
    custom_fields: { serial: 'A-17' },
  });
});

test('what only customers must give, staff need not', async () => {
  const asked = await form('lea');
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await send();
  await waitFor(() => expect(sent(asked)).toBeDefined());
  expect(sent(asked)?.body).not.toHaveProperty('custom_fields');
});

test('what the server asks for besides stands at its field', async () => {
  const errors = [{ field: 'custom_fields.serial', code: 'unknown_value', message: 'x' }];
  await form('chloe', {
    [OPEN]: { status: 422, body: { status: 422, code: 'validation_failed', detail: '', errors } },
  });
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await userEvent.type(screen.getByLabelText(/^Serial number/), 'A-17');
  await send();
  expect(await screen.findByText('This is not known here.')).toBeInTheDocument();
});

test('an order is named by whoever opens it, and one that is not there is said at its field', async () => {
  const errors = [{ field: 'order_id', code: 'unknown_order', message: 'x' }];
  let refuses = true;
  const asked = await form('chloe', {
    [OPEN]: () =>
      refuses
        ? { status: 422, body: { status: 422, code: 'unknown_order', detail: 'x', errors } }
        : { status: 201, body: aTicket() },
  });
  await userEvent.type(screen.getByLabelText('Order'), ' CMD-1 ');
  await send();
  expect(await screen.findByText('There is no such order.')).toBeInTheDocument();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(sent(asked)?.body).toEqual({
    subject: 'Broken',
    description: 'It broke.',
    order_id: 'CMD-1',
  });
  refuses = false;
  await userEvent.type(screen.getByLabelText('Order'), '2');
  await send();
  await waitFor(() => expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2));
});
