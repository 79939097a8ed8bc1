import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { LoginPage } from './LoginPage';
import { RegisterPage } from './RegisterPage';
import { currentPerson, signOut } from './session';

const STATUS = 'GET /api/v1/tenants/acme/status';
const active = { body: { slug: 'acme', status: 'active' } };

beforeEach(async () => {
  answer({});
  await signOut();
});

async function signIn(reply: Parameters<typeof answer>[0][string]) {
  const asked = answer({ [STATUS]: active, 'POST /api/v1/auth/login': reply });
  await show(<LoginPage />, '/login');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'lea@acme.test');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse battery');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  return asked;
}

test.each([
  [problem(401, 'unauthenticated'), 'The e-mail address or the password is not right.'],
  [problem(403, 'email_not_verified'), 'Please confirm your e-mail address first'],
  [problem(403, 'tenant_suspended'), 'This helpdesk is suspended'],
  [problem(403, 'tenant_deleting'), 'This helpdesk is being deleted. Please ask'],
  [problem(429, 'rate_limited'), 'Too many attempts.'],
  [problem(503, 'unavailable'), 'busy or restarting'],
  ['no network' as const, 'The server cannot be reached'],
])('a refused sign-in says why', async (reply, words) => {
  await signIn(reply);
  expect(await screen.findByRole('alert')).toHaveTextContent(words);
});

test('a customer whose confirmation mail is lost is told how to get another', async () => {
  await signIn(problem(403, 'email_not_verified'));
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByRole('link')).toHaveAttribute('href', '/register');
});

test('a throttled sign-in says how long to wait', async () => {
  answer({ [STATUS]: active });
  await show(<LoginPage />, '/login');
  const refused = JSON.stringify(problem(429, 'rate_limited').body);
  vi.stubGlobal('fetch', async () => {
    return new Response(refused, { status: 429, headers: { 'retry-after': '540' } });
  });
  await userEvent.type(screen.getByLabelText('E-mail address'), 'lea@acme.test');
  await userEvent.type(screen.getByLabelText('Password'), 'wrong{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('counts in 9:00');
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
});

test('a browser signs in as a browser: its refresh token is the server’s cookie', async () => {
  const asked = await signIn({ body: loginOf(lea) });
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    email: 'lea@acme.test',
    password: 'correct horse battery',
    client: 'browser',
  });
});

const METHODS = 'GET /api/v1/auth/methods';
const CHALLENGE = {
  two_factor_required: true,
  challenge_token: 'ch4llenge',
  methods: { totp: true, passkeys: 0, recovery_codes_left: 10 },
};
const VERIFY = 'POST /api/v1/auth/2fa/verify';

test('a second factor is asked for after the password, and its code opens the session', async () => {
  const asked = answer({
    [STATUS]: active,
    'POST /api/v1/auth/login': { body: CHALLENGE },
    [VERIFY]: ({ body }) =>
      (body as { code: string }).code === '123456'
        ? { body: loginOf(lea) }
        : problem(401, 'unauthenticated'),
  });
  await show(<LoginPage />, '/login');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'lea@acme.test');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await userEvent.type(await screen.findByLabelText('Six-digit code'), '000000');
  expect(await screen.findByRole('alert')).toHaveTextContent('This code is not right');
  expect(screen.getByLabelText('Six-digit code')).toHaveValue('');
  expect(currentPerson()).toBeNull();
  await userEvent.type(screen.getByLabelText('Six-digit code'), '123456');
  await waitFor(() => expect(currentPerson()).toBe(lea.id));
  expect(asked.filter(({ path }) => path.endsWith('/verify')).map(({ body }) => body)).toEqual([
    { challenge_token: 'ch4llenge', code: '000000' },
    { challenge_token: 'ch4llenge', code: '123456' },
  ]);
});

test('without the phone, a recovery code does', async () => {
  const asked = answer({
    [STATUS]: active,
    'POST /api/v1/auth/login': { body: CHALLENGE },
    [VERIFY]: { body: loginOf(lea) },
  });
  await show(<LoginPage />, '/login');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'lea@acme.test');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await userEvent.click(await screen.findByRole('button', { name: 'Use a recovery code' }));
  await userEvent.type(screen.getByLabelText('Recovery code'), ' abcd-efgh {Enter}');
  await waitFor(() => expect(currentPerson()).toBe(lea.id));
  expect(asked.find(({ path }) => path.endsWith('/2fa/verify'))?.body).toEqual({
    challenge_token: 'ch4llenge',
    recovery_code: 'abcd-efgh',
  });
});

test('only the ways in that the helpdesk offers are shown', async () => {
  const offers = { password: true, passkey: false, magic_link: true, sso: { name: 'Acme' } };
  answer({ [STATUS]: active, [METHODS]: { body: offers } });
  await show(<LoginPage />, '/login?next=/tickets/TKT-1');
  const sso = await screen.findByRole('link', { name: 'Continue with Acme' });
  expect(sso).toHaveAttribute('href', '/api/v1/auth/sso/start?next=%2Ftickets%2FTKT-1');
  expect(screen.getByRole('button', { name: 'Send me a link instead' })).toBeVisible();
  expect(screen.queryByRole('button', { name: /passkey/ })).toBeNull();
});

test('a link is sent to the address that was typed, and the page does not tell whether it is known', async () => {
  const offers = { password: true, passkey: false, magic_link: true, sso: null };
  const asked = answer({
    [STATUS]: active,
    [METHODS]: { body: offers },
    'POST /api/v1/auth/magic-link': { status: 202 },
  });
  await show(<LoginPage />, '/login');
  await userEvent.click(await screen.findByRole('button', { name: 'Send me a link instead' }));
  expect(await screen.findByText('Please enter an e-mail address.')).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('E-mail address'), 'chloe@client.test');
  await userEvent.click(screen.getByRole('button', { name: 'Send me a link instead' }));
  expect(await screen.findByText(/If chloe@client.test is a customer/)).toBeInTheDocument();
  expect(asked.at(-1)?.body).toEqual({ email: 'chloe@client.test' });
});

test('what was left empty is said at the field, and nothing is sent', async () => {
  const asked = answer({ [STATUS]: active });
  await show(<LoginPage />, '/login');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(screen.getByText('Please enter an e-mail address.')).toBeInTheDocument();
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
});

test('where there is no helpdesk, nobody is asked for a password', async () => {
  answer({ [STATUS]: problem(404, 'tenant_not_found') });
  await show(<LoginPage />, '/login');
  expect(await screen.findByText('There is no helpdesk here')).toBeInTheDocument();
  expect(screen.queryByLabelText('Password')).toBeNull();
});

test('where a helpdesk is being deleted its administrators may still sign in', async () => {
  answer({ [STATUS]: { body: { slug: 'acme', status: 'deleting' } } });
  await show(<LoginPage />, '/login');
  expect(await screen.findByText(/Only its administrators can sign in/)).toBeInTheDocument();
  expect(screen.getByLabelText('Password')).toBeInTheDocument();
});

test('where a helpdesk is being deleted nobody registers', async () => {
  answer({ [STATUS]: { body: { slug: 'acme', status: 'deleting' } } });
  await show(<RegisterPage />, '/register');
  expect(await screen.findByText('This helpdesk is being deleted')).toBeInTheDocument();
  expect(screen.queryByLabelText('Password')).toBeNull();
});

test.each([
  [403, 'does not let this account come in'],
  [413, 'no place free for another colleague'],
  [429, 'does not answer'],
  [503, 'does not answer'],
  [400, 'did not work'],
])('whoever their organisation sent back with %d is told why', async (status, words) => {
  answer({ [STATUS]: active });
  await show(<LoginPage />, `/login?sso_error=${status}`);
  expect(await screen.findByRole('alert')).toHaveTextContent(words);
});
