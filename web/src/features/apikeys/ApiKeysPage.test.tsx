import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { ApiKey } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ApiKeysPage } from './ApiKeysPage';

const LIST = 'GET /api/v1/api-keys';
const MAKE = 'POST /api/v1/api-keys';

const robot = {
  id: 7,
  name: 'Robot',
  prefix: 'hdk_abc',
  scopes: ['tickets:read'],
  expires_at: null,
  last_used_at: null,
  created_by: 2,
  created_at: '2026-11-02T08:00:00Z',
} as unknown as ApiKey;

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({ [LIST]: page([robot]), ...table });
  await show(<ApiKeysPage />, '/settings/api-keys');
  return asked;
}

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('every key stands with what it may do and when it was used', async () => {
  await open();
  const row = await screen.findByRole('listitem');
  for (const words of ['Robot', 'hdk_abc', 'Read tickets', 'never used', 'until it is revoked']) {
    expect(row).toHaveTextContent(words);
  }
});

test('a new key is shown once, and is gone when its dialog is closed', async () => {
  const asked = await open({
    [MAKE]: { status: 201, body: { ...robot, key: 'hdk_abc_s3cret' } },
  });
  await userEvent.type(await screen.findByLabelText('Name'), 'Robot');
  await userEvent.click(screen.getByLabelText('Read tickets'));
  await userEvent.selectOptions(screen.getByLabelText('Good for'), 'Until it is revoked');
  await userEvent.click(screen.getByRole('button', { name: 'Make the key' }));
  expect(await screen.findByText('hdk_abc_s3cret')).toBeInTheDocument();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    name: 'Robot',
    scopes: ['tickets:read'],
  });
  await userEvent.click(screen.getByRole('button', { name: 'I have copied it' }));
  await waitFor(() => expect(screen.queryByText('hdk_abc_s3cret')).toBeNull());
});

test('a key without a name or that may do nothing is not asked for', async () => {
  const asked = await open();
  await userEvent.click(await screen.findByRole('button', { name: 'Make the key' }));
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(screen.getByText('Choose at least one.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
});

test('a key is revoked only after a question that names it', async () => {
  const asked = await open({ 'DELETE /api/v1/api-keys/7': { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: 'Revoke “Robot”' }));
  const dialog = await screen.findByRole('dialog', { name: 'Revoke “Robot”?' });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Revoke “Robot”' }));
  expect(await screen.findByText('“Robot” is revoked.')).toBeInTheDocument();
});

test.each([
  [page([]), 'No keys yet'],
  [problem(503, 'unavailable'), 'The keys could not be loaded.'],
  [problem(403, 'forbidden'), 'You are not allowed to do this.'],
])('a list that is empty or refused says so', async (reply, words) => {
  await open({ [LIST]: reply });
  expect(await screen.findByText(words)).toBeInTheDocument();
});
