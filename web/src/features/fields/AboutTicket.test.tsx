import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Ticket } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aCategory, aField } from '~/testing/desk';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { takeTicket } from '../tickets/cache';
import { useTicket } from '../tickets/queries';
import { AboutTicket } from './AboutTicket';
import { forgetTyping } from './typing';

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

beforeEach(() => {
  welcome(loginOf(lea));
  forgetTyping();
});

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

const both = [
  aField({ key: 'serial' }),
  aField({ id: 9, key: 'place', labels: { fr: 'Lieu', en: 'Place' } }),
];
const NUMBER = ticket.ticket_number;

function Live() {
  const { data } = useTicket(NUMBER);
  return data ? <AboutTicket ticket={data} /> : null;
}

/** The fields of a ticket that a colleague changes: `theirs` brings their values as a live event does. */
async function beside(table: Parameters<typeof answer>[0] = {}) {
  let version = 3;
  const asked = answer({
    'GET /api/v1/categories': page([]),
    'GET /api/v1/custom-fields': page(both),
    [`GET /api/v1/tickets/${NUMBER}`]: { body: ticket },
    ...table,
  });
  const client = await show(<Live />);
  await screen.findByLabelText('Place');
  const theirs = (values: Record<string, string>) => {
    version += 1;
    const custom_fields = { ...(ticket.custom_fields as object), ...values };
    act(() => void takeTicket(client, { ...ticket, custom_fields, version }));
  };
  return { asked, theirs };
}

test('what a colleague sets in another field meanwhile is not undone', async () => {
  const { asked, theirs } = await beside({ [EDIT]: { body: { ...ticket, version: 5 } } });
  await userEvent.type(screen.getByLabelText('Serial number'), '2');
  theirs({ place: 'Lyon' });
  await waitFor(() => expect(screen.getByLabelText('Place')).toHaveValue('Lyon'));
  expect(screen.getByLabelText('Serial number')).toHaveValue('A12');
  await save();
  await waitFor(() => expect(asked.some(({ method }) => method === 'PATCH')).toBe(true));
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.headers.get('if-match')).toBe('"4"');
  expect(sent?.body).toEqual({ custom_fields: { serial: 'A12', old: 'kept', place: 'Lyon' } });
});

test('a field that a colleague changes under one’s hands says so before one saves over it', async () => {
  const { theirs } = await beside();
  await userEvent.type(screen.getByLabelText('Serial number'), '2');
  theirs({ serial: 'B7' });
  expect(await screen.findByText(/somebody else has set this to “B7”/i)).toBeInTheDocument();
  expect(screen.getByLabelText('Serial number')).toHaveValue('A12');
});

test('what is typed while it is saved stays, and so does what was typed before one looked elsewhere', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const custom_fields = { ...(ticket.custom_fields as object), serial: 'A12' };
  await beside({
    [EDIT]: async () => {
      await held;
      return { body: { ...ticket, custom_fields, version: 4 } };
    },
  });
  await userEvent.type(screen.getByLabelText('Serial number'), '2');
  await save();
  await userEvent.type(screen.getByLabelText('Place'), 'Nice');
  release();
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Save' })).not.toHaveAttribute('data-loading'),
  );
  expect(screen.getByLabelText('Place')).toHaveValue('Nice');
  cleanup();
  await beside({
    [`GET /api/v1/tickets/${NUMBER}`]: { body: { ...ticket, custom_fields, version: 4 } },
  });
  expect(screen.getByLabelText('Place')).toHaveValue('Nice');
  expect(screen.getByLabelText('Serial number')).toHaveValue('A12');
});
