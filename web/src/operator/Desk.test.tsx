import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, answer, page, problem } from '~/testing/api';
import { aTenant, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { Desk } from './Desk';
import { signOut, startDesk, welcome } from './session';
import { TenantActions } from './tenants/TenantActions';

const LOGIN = 'POST /api/v1/operator/auth/login';
const SETUP = 'POST /api/v1/operator/auth/2fa/setup';
const ENABLE = 'POST /api/v1/operator/auth/2fa/enable';
const VERIFY = 'POST /api/v1/operator/auth/2fa/verify';
const LOGOUT = 'POST /api/v1/operator/auth/logout';
const SUSPEND = 'POST /api/v1/operator/tenants/acme/suspend';
const challenge = { body: { two_factor_required: true, challenge_token: 'ch4llenge' } };
const onLeave = vi.fn();

beforeEach(async () => {
  startDesk(onLeave);
  answer({});
  await signOut();
  onLeave.mockClear();
});

async function typePassword() {
  await userEvent.type(await screen.findByLabelText('E-mail address'), 'olga@platform.test');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
}

test('without the right password nobody gets further, and it is said why', async () => {
  answer({ [LOGIN]: problem(401, 'unauthenticated') });
  await show(<Desk />, '/tenants');
  await typePassword();
  expect(await screen.findByRole('alert')).toHaveTextContent('or the password is not right');
});

test.each([
  [problem(503, 'unavailable'), 'busy or restarting'],
  ['no network' as const, 'The server cannot be reached'],
  [{ ...problem(429, 'rate_limited'), headers: { 'retry-after': '540' } }, 'counts in 9:00'],
])('a sign-in that is turned away says why', async (reply, words) => {
  answer({ [LOGIN]: reply });
  await show(<Desk />, '/tenants');
  await typePassword();
  expect(await screen.findByRole('alert')).toHaveTextContent(words);
});

test('a password alone opens nothing: the code does, and a wrong one may be corrected', async () => {
  const asked = answer({
    [LOGIN]: challenge,
    [VERIFY]: ({ body }) =>
      (body as { code: string }).code === '123456'
        ? { body: olga }
        : problem(401, 'unauthenticated'),
  });
  await show(<Desk />, '/tenants');
  await typePassword();
  const code = await screen.findByLabelText('Six-digit code');
  expect(screen.queryByRole('navigation')).not.toBeInTheDocument();
  await userEvent.type(code, '000000');
  expect(await screen.findByRole('alert')).toHaveTextContent('This code is not right');
  await userEvent.type(screen.getByLabelText('Six-digit code'), '123456');
  expect(await screen.findByRole('navigation', { name: 'Platform' })).toBeInTheDocument();
  expect(asked.at(-1)?.body).toEqual({ challenge_token: 'ch4llenge', code: '123456' });
});

test('whoever comes for the first time sets up a second factor with the token they got', async () => {
  const asked = answer({
    [LOGIN]: { body: { two_factor_enrolment_required: true, enrolment_token: 'enr0l' } },
    [SETUP]: { body: { secret: 'ABCDEFGH', otpauth_url: 'otpauth://totp/x', qr_code: 'data:,' } },
    [ENABLE]: { body: olga },
  });
  await show(<Desk />, '/tenants');
  await typePassword();
  expect(await screen.findByText('ABCD EFGH')).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Code of the app'), '123456');
  expect(await screen.findByRole('navigation', { name: 'Platform' })).toBeInTheDocument();
  const shown = asked.slice(1).map(({ headers }) => headers.get('authorization'));
  expect(shown).toEqual(['Bearer enr0l', 'Bearer enr0l']);
});

test('a session that the server has ended leads to the sign-in, and nothing that was read stays', async () => {
  answer({ 'GET /api/v1/operator/me': problem(401, 'unauthenticated') });
  welcome(olga);
  await show(<Desk />, '/tenants');
  await screen.findByRole('navigation');
  const { control } = await import('~/api/client');
  await control.GET('/api/v1/operator/me');
  expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument();
  expect(onLeave).toHaveBeenCalledOnce();
});

test('whoever signs out is out, even if the server cannot be told', async () => {
  answer({ [LOGOUT]: 'no network' });
  welcome(olga);
  await show(<Desk />, '/tenants');
  await userEvent.click(await screen.findByRole('button', { name: /Olga Petrova/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByRole('heading', { name: 'Sign in to the platform' })).toBeVisible();
  expect(screen.queryByText(/Your session has ended/)).not.toBeInTheDocument();
});

/** A suspension that the server does only for a session that is fresh. */
async function suspendWithStaleSession(asked: Asked[]) {
  welcome(olga);
  await show(
    <>
      <Desk />
      <TenantActions tenant={aTenant()} onDone={() => {}} />
    </>,
    '/tenants',
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Suspend' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Suspend acme' }));
  const dialog = await screen.findByRole('dialog', { name: 'Sign in once more' });
  expect(asked.filter(({ path }) => path.endsWith('/suspend'))).toHaveLength(1);
  return dialog;
}

test('what closes doors asks for both factors once more, and is then done with the new session', async () => {
  const again = { ...olga, access_token: 'fresh' };
  const asked = answer({
    [LOGIN]: challenge,
    [VERIFY]: { body: again },
    [LOGOUT]: { status: 204 },
    [SUSPEND]: ({ headers }) =>
      headers.get('authorization') === 'Bearer fresh'
        ? { body: aTenant({ status: 'suspended' }) }
        : problem(403, 'step_up_required'),
    'GET /api/v1/operator/tenants': page([]),
  });
  const dialog = await suspendWithStaleSession(asked);
  expect(within(dialog).getByLabelText('E-mail address')).toHaveValue('olga@platform.test');
  await userEvent.type(within(dialog).getByLabelText('Password'), 'correct horse{Enter}');
  await userEvent.type(await within(dialog).findByLabelText('Six-digit code'), '123456');
  await waitFor(() =>
    expect(asked.filter(({ path }) => path.endsWith('/suspend'))).toHaveLength(2),
  );
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  const logout = asked.find(({ path }) => path.endsWith('/logout'));
  expect(logout?.headers.get('authorization')).toBe('Bearer token-of-olga');
});

test('without it nothing is done, and it is said', async () => {
  const asked = answer({ [SUSPEND]: problem(403, 'step_up_required') });
  const dialog = await suspendWithStaleSession(asked);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  expect(await screen.findByText('Acme was not suspended.')).toBeInTheDocument();
  expect(screen.getByText(/you have not signed in once more/)).toBeInTheDocument();
});
