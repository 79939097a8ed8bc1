import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { OwnSession } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { AccountPage } from './AccountPage';

const SESSIONS = 'GET /api/v1/auth/sessions';
const FACTORS = 'GET /api/v1/auth/2fa';
const ME = 'GET /api/v1/auth/me';
const RENAME = 'PATCH /api/v1/auth/me';
const CHANGE = 'POST /api/v1/auth/password/change';

function session(id: string, change: Partial<OwnSession> = {}): OwnSession {
  return {
    id,
    current: false,
    client: 'browser',
    device: { browser: 'Firefox', system: 'Windows', kind: 'desktop' },
    place: null,
    ip: '192.0.2.7',
    amr: ['pwd'],
    created_at: '2026-11-20T08:00:00Z',
    last_used_at: '2026-11-20T09:00:00Z',
    ...change,
  } as OwnSession;
}
const here = session('s1', { current: true });
const there = session('s2', {
  device: { browser: 'Safari', system: 'iPhone', kind: 'phone' },
} as Partial<OwnSession>);

async function open(table: Parameters<typeof answer>[0] = {}) {
  const asked = answer({
    [SESSIONS]: page([here, there]),
    [FACTORS]: { body: { totp: false, passkeys: 0, recovery_codes_left: 0, required: false } },
    'GET /api/v1/auth/passkeys': page([]),
    [ME]: { body: loginOf(lea).user, headers: { etag: '"3"' } },
    ...table,
  });
  await show(<AccountPage />, '/account');
  return asked;
}

beforeEach(() => welcome(loginOf(lea)));

test('every session but one’s own can be ended', async () => {
  const asked = await open({ 'DELETE /api/v1/auth/sessions/s2': { status: 204 } });
  const own = await screen.findByText('this browser');
  expect(within(own.closest('li') as HTMLElement).queryByRole('button')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Sign out: Safari on iPhone' }));
  expect(await screen.findByText('Safari on iPhone is signed out.')).toBeInTheDocument();
  expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
});

test('ending all others asks first, and leaves one’s own alone', async () => {
  const asked = await open({ 'DELETE /api/v1/auth/sessions/s2': { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: 'Sign out everywhere else' }));
  const dialog = await screen.findByRole('dialog', { name: 'Sign out everywhere else?' });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Sign out everywhere else' }));
  await waitFor(() =>
    expect(asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual([
      '/api/v1/auth/sessions/s2',
    ]),
  );
});

test('a wrong current password is said at its field', async () => {
  await open({ [CHANGE]: problem(401, 'unauthenticated') });
  const section = screen.getByRole('region', { name: 'Password' });
  await userEvent.type(within(section).getByLabelText('Current password'), 'not it');
  await userEvent.type(within(section).getByLabelText('New password'), 'plover-kite-anvil');
  await userEvent.click(within(section).getByRole('button', { name: 'Change the password' }));
  expect(await within(section).findByText('This is not your password.')).toBeInTheDocument();
});

async function renames() {
  const section = within(screen.getByRole('region', { name: 'Name and language' }));
  const name = await section.findByLabelText('First name');
  await userEvent.clear(name);
  await userEvent.type(name, ' Leah ');
  await userEvent.click(section.getByRole('button', { name: 'Save' }));
  return section;
}

test('one changes one’s own name, and the page knows it at once', async () => {
  const renamed = { ...loginOf(lea).user, firstname: 'Leah' };
  const asked = await open({
    [RENAME]: { body: renamed, headers: { etag: '"4"' } },
    'POST /api/v1/auth/refresh': { body: { ...loginOf(lea), user: renamed } },
  });
  const section = await renames();
  expect(await section.findByText('Saved.')).toBeInTheDocument();
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.body).toEqual({ firstname: 'Leah' });
  expect(sent?.headers.get('if-match')).toBe('"3"');
  expect(section.getByLabelText('First name')).toHaveValue('Leah');
  expect(section.getByRole('button', { name: 'Save' })).toBeDisabled();
  await waitFor(() => expect(asked.some(({ path }) => path.endsWith('/refresh'))).toBe(true));
});

test('mails come in another language after it was chosen', async () => {
  const asked = await open({ [RENAME]: { body: { ...loginOf(lea).user, locale: 'en' } } });
  const section = within(screen.getByRole('region', { name: 'Name and language' }));
  await userEvent.selectOptions(await section.findByLabelText('Language'), 'Français');
  await userEvent.click(section.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ locale: 'fr' }),
  );
});

test('a name that was changed elsewhere meanwhile is shown, and what was typed stays', async () => {
  let version = 3;
  const asked = await open({
    [ME]: () => ({
      body: { ...loginOf(lea).user, lastname: version === 3 ? 'Morel' : 'Moreau' },
      headers: { etag: `"${version}"` },
    }),
    [RENAME]: () => {
      version = 4;
      return problem(412, 'version_mismatch');
    },
  });
  const section = await renames();
  expect(await section.findByText(/was changed elsewhere meanwhile/)).toBeInTheDocument();
  await waitFor(() => expect(section.getByLabelText('Last name')).toHaveValue('Moreau'));
  expect(section.getByLabelText('First name')).toHaveValue(' Leah ');
  await userEvent.click(section.getByRole('button', { name: 'Save' }));
  const tags = () =>
    asked.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers.get('if-match'));
  await waitFor(() => expect(tags()).toEqual(['"3"', '"4"']));
});

test('a name that is empty or refused is said at its field', async () => {
  const refused = problem(422, 'validation_failed');
  const errors = [{ field: 'firstname', code: 'invalid', message: 'links are not allowed' }];
  const asked = await open({ [RENAME]: { ...refused, body: { ...refused.body, errors } } });
  const section = await renames();
  expect(await section.findByText('This is not valid.')).toBeInTheDocument();
  await userEvent.clear(section.getByLabelText('First name'));
  await userEvent.click(section.getByRole('button', { name: 'Save' }));
  expect(await section.findByText('Please fill this in.')).toBeInTheDocument();
  expect(asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
});

test('an administrator’s app stays on, and the page says why', async () => {
  await open({
    [FACTORS]: { body: { totp: true, passkeys: 0, recovery_codes_left: 2, required: true } },
  });
  expect(await screen.findByRole('button', { name: 'Disconnect the app' })).toBeDisabled();
  expect(screen.getByText(/Administrators need a second factor/)).toBeInTheDocument();
  expect(screen.getByText(/Few codes are left/)).toBeInTheDocument();
});

test.each([
  [ME, 'Your name and language could not be loaded.'],
  [SESSIONS, 'Your sessions could not be loaded.'],
  [FACTORS, 'Your second factors could not be loaded.'],
  ['GET /api/v1/auth/passkeys', 'Your passkeys could not be loaded.'],
])('%s that fails leaves the rest of the page standing', async (route, words) => {
  await open({ [route]: problem(503, 'unavailable') });
  expect(await screen.findByText(words)).toBeInTheDocument();
  expect(screen.getByRole('region', { name: 'Password' })).toBeInTheDocument();
});
