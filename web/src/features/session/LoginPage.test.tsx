import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { LoginPage } from './LoginPage';

const STATUS = 'GET /api/v1/tenants/acme/status';
const active = { body: { slug: 'acme', status: 'active' } };

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
  expect(await screen.findByRole('alert')).toHaveTextContent('Try again in 9 min.');
});

test('a browser signs in as a browser: its refresh token is the server’s cookie', async () => {
  const asked = await signIn({ body: loginOf(lea) });
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    email: 'lea@acme.test',
    password: 'correct horse battery',
    client: 'browser',
  });
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
