import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { TenantSettings } from '~/api/types';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { OrganisationPage } from './OrganisationPage';
import { inRange, merged, typedOf } from './settings';

const GET = 'GET /api/v1/tenant';
const PATCH = 'PATCH /api/v1/tenant';
const acme: TenantSettings = {
  id: '0190-acme',
  slug: 'acme',
  organisation: 'Acme',
  locale: 'en',
  status: 'active',
  url: 'http://acme.localhost:8080',
  waiting_close_days: 7,
  resolved_close_hours: 72,
  customer_magic_link: true,
  version: 3,
};

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({ [GET]: { body: acme }, ...table });
  await show(<OrganisationPage />, '/settings/organisation');
  await screen.findByLabelText('Name of the organisation');
  return asked;
}
async function type(label: string, text: string) {
  const field = screen.getByLabelText(label);
  await userEvent.clear(field);
  await userEvent.type(field, text);
}
const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('only what was changed is sent, with the version that was on the screen', async () => {
  const asked = await open({
    [PATCH]: ({ body }) => ({ body: { ...acme, ...(body as object), version: 4 } }),
  });
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  await type('Close waiting tickets after', '14');
  await save();
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.body).toEqual({ waiting_close_days: 14 });
  expect(sent?.headers.get('if-match')).toBe('"3"');
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

test('another’s change meanwhile is shown, and what was typed stays to be saved again', async () => {
  let server = acme;
  const asked = await open({
    [GET]: () => ({ body: server }),
    [PATCH]: ({ headers, body }) => {
      if (headers.get('if-match') === '"3"') {
        server = { ...acme, organisation: 'Acme SAS', version: 4 };
        return problem(412, 'version_mismatch');
      }
      return { body: { ...server, ...(body as object), version: 5 } };
    },
  });
  await type('Close resolved tickets after', '24');
  await save();
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'Somebody else changed these settings',
  );
  await waitFor(() =>
    expect(screen.getByLabelText('Name of the organisation')).toHaveValue('Acme SAS'),
  );
  expect(screen.getByLabelText('Close resolved tickets after')).toHaveValue('24');
  await save();
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  const last = asked.filter(({ method }) => method === 'PATCH').at(-1);
  expect(last?.body).toEqual({ resolved_close_hours: 24 });
  expect(last?.headers.get('if-match')).toBe('"4"');
});

test('numbers out of range and an empty name are said at their fields, and nothing is sent', async () => {
  const asked = await open();
  await type('Close waiting tickets after', '366');
  await userEvent.clear(screen.getByLabelText('Name of the organisation'));
  await save();
  expect(screen.getByText('A whole number from 1 to 365.')).toBeInTheDocument();
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'PATCH')).toBe(false);
});

test('a refusal is said, and what was typed stays', async () => {
  await open({ [PATCH]: problem(503, 'unavailable') });
  await type('Name of the organisation', 'Globex');
  await save();
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(screen.getByLabelText('Name of the organisation')).toHaveValue('Globex');
});

test('settings that cannot be had say so', async () => {
  answer({ [GET]: problem(503, 'unavailable') });
  await show(<OrganisationPage />, '/settings/organisation');
  expect(await screen.findByText('The settings could not be loaded.')).toBeInTheDocument();
});

test('one’s own changes go over another’s, field by field', () => {
  const before = typedOf(acme);
  const typed = { ...before, locale: 'fr' as const, organisation: 'Mine' };
  const server = { ...before, organisation: 'Theirs', waiting_close_days: '9' };
  expect(merged(before, typed, server)).toEqual({
    ...before,
    locale: 'fr',
    organisation: 'Mine',
    waiting_close_days: '9',
  });
});

test.each([
  ['1', true],
  ['365', true],
  [' 30 ', true],
  ['0', false],
  ['366', false],
  ['1.5', false],
  ['-3', false],
  ['', false],
  ['7 days', false],
])('"%s" days: %s', (value, fine) => {
  expect(inRange(value, 365)).toBe(fine);
});
