import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Ticket } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aCategory, aField } from '~/testing/desk';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { AboutTicket } from './AboutTicket';

const EDIT = 'PATCH /api/v1/tickets/7';
const ticket = aTicket({ version: 3, custom_fields: { serial: 'A1', old: 'kept' } });
const fields = [
  aField({ key: 'serial' }),
  aField({
    id: 9,
    key: 'weight',
    labels: { fr: 'Poids', en: 'Weight' },
    type: 'number',
    category_id: 6,
  }),
];

async function about(table: Parameters<typeof answer>[0] = {}, what: Partial<Ticket> = {}) {
  const asked = answer({
    'GET /api/v1/categories': page([aCategory()]),
    'GET /api/v1/custom-fields': page(fields),
    [EDIT]: { body: { ...ticket, category: 'repair', version: 4 } },
    ...table,
  });
  await show(<AboutTicket ticket={{ ...ticket, ...what }} />);
  await screen.findByLabelText('Category');
  return asked;
}
const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));

beforeEach(() => welcome(loginOf(lea)));

test('a category brings its fields, and all is saved at once with the version that was shown', async () => {
  const asked = await about();
  expect(screen.getByLabelText('Serial number')).toHaveValue('A1');
  expect(screen.queryByLabelText('Weight')).toBeNull();
  expect(screen.getByText('kept')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await userEvent.type(screen.getByLabelText('Weight'), '2,5');
  await save();
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).toBeNull());
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.headers.get('if-match')).toBe('"3"');
  expect(sent?.body).toEqual({
    category: 'repair',
    custom_fields: { serial: 'A1', old: 'kept', weight: 2.5 },
  });
});

test('what is sealed stands with a lock, and nothing else does', async () => {
  await about({
    'GET /api/v1/custom-fields': page([
      aField({ sensitive: true }),
      aField({ id: 9, key: 'weight', labels: { fr: 'Poids', en: 'Weight' } }),
    ]),
  });
  expect(await screen.findByLabelText(/^Serial number/)).toHaveValue('A1');
  expect(screen.getAllByRole('img', { name: 'Kept sealed' })).toHaveLength(1);
});

test('a sealed value that cannot be read is named, and the rest is saved without it', async () => {
  const asked = await about({}, { unreadable: ['serial'], custom_fields: {} });
  expect(await screen.findByText(/not to be read at present: Serial number/)).toBeInTheDocument();
  expect(screen.queryByLabelText('Serial number')).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await userEvent.type(screen.getByLabelText('Weight'), '2');
  await save();
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).toBeNull());
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.body).toEqual({ category: 'repair', custom_fields: { weight: 2 } });
});

test('what is no number is said before anything is sent', async () => {
  const asked = await about();
  await userEvent.selectOptions(screen.getByLabelText('Category'), 'Repair');
  await userEvent.type(screen.getByLabelText('Weight'), 'heavy');
  await save();
  expect(screen.getByText('This is not valid.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'PATCH')).toBe(false);
});

test('what the server finds wrong stands at its field', async () => {
  const errors = [{ field: 'custom_fields.serial', code: 'too_long', message: 'x' }];
  await about({
    [EDIT]: { status: 422, body: { status: 422, code: 'validation_failed', detail: '', errors } },
  });
  await userEvent.type(screen.getByLabelText('Serial number'), '2');
  await save();
  expect(await screen.findByText('This is too long.')).toBeInTheDocument();
});

test('somebody else’s change is told, and what was typed is still there', async () => {
  await about({ [EDIT]: problem(412, 'version_mismatch') });
  await userEvent.type(screen.getByLabelText('Serial number'), '2');
  await save();
  expect(await screen.findByRole('alert')).toHaveTextContent('What you typed is still here');
  expect(screen.getByLabelText('Serial number')).toHaveValue('A12');
});
