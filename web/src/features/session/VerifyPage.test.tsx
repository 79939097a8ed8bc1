import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { signOut, welcome } from './session';
import { VerifyPage } from './VerifyPage';

const VERIFY = 'POST /api/v1/auth/email/verify';
const REFRESH = 'POST /api/v1/auth/refresh';
const RESEND = 'POST /api/v1/auth/email/resend';
const ME = 'GET /api/v1/auth/me';
const LINK = '/verify?token=t0ken';

/** What is known of Léa, whose address is confirmed or not. */
const known = (email_verified: boolean) => ({
  body: { ...loginOf(lea).user, email_verified },
});
const button = (name: string) => screen.findByRole('button', { name });
const confirm = async () => userEvent.click(await button('Confirm my address'));

beforeEach(async () => {
  answer({});
  await signOut();
});

test('opening the link sends nothing: a program that looks through mails uses no link up', async () => {
  const asked = answer({});
  await show(<VerifyPage />, LINK);
  await button('Confirm my address');
  expect(asked).toEqual([]);
});

test('the button sends the token, and the address is confirmed', async () => {
  const asked = answer({ [VERIFY]: { status: 204 } });
  await show(<VerifyPage />, LINK);
  await confirm();
  expect(await screen.findByText('Your address is confirmed')).toBeInTheDocument();
  expect(asked.map(({ body }) => body)).toEqual([{ token: 't0ken' }]);
});

test('where the server wants the password too, it is asked for and sent with the token', async () => {
  const asked = answer({
    [VERIFY]: ({ body }) =>
      (body as { password?: string }).password
        ? { status: 204 }
        : problem(409, 'password_required'),
  });
  await show(<VerifyPage />, LINK);
  await confirm();
  const field = await screen.findByLabelText('Password');
  expect(screen.queryByRole('alert')).toBeNull();
  await confirm();
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(asked).toHaveLength(1);
  await userEvent.type(field, 'plover-kite-anvil-42{Enter}');
  expect(await screen.findByText('Your address is confirmed')).toBeInTheDocument();
  expect(asked[1]?.body).toEqual({ token: 't0ken', password: 'plover-kite-anvil-42' });
});

test('a wrong password is said, and can be typed again', async () => {
  answer({
    [VERIFY]: ({ body }) =>
      (body as { password?: string }).password
        ? problem(401, 'unauthenticated')
        : problem(409, 'password_required'),
  });
  await show(<VerifyPage />, LINK);
  await confirm();
  await userEvent.type(await screen.findByLabelText('Password'), 'wrong{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('not the password of this account');
  expect(screen.getByLabelText('Password')).toHaveValue('wrong');
});

test.each([
  ['no network' as const, /cannot be reached.*Your link is still good/],
  [problem(503, 'unavailable'), /busy or restarting.*Your link is still good/],
  [problem(429, 'rate_limited'), /Too many attempts/],
])('what passes is said, and the same button tries again', async (reply, words) => {
  let now: typeof reply | { status: number } = reply;
  answer({ [VERIFY]: () => now });
  await show(<VerifyPage />, LINK);
  await confirm();
  expect(await screen.findByRole('alert')).toHaveTextContent(words);
  now = { status: 204 };
  await confirm();
  expect(await screen.findByText('Your address is confirmed')).toBeInTheDocument();
});

test('a spent link leads to the sign-in, for those whom nobody knows here', async () => {
  answer({
    [VERIFY]: problem(404, 'not_found'),
    [REFRESH]: problem(401, 'unauthenticated'),
  });
  await show(<VerifyPage />, LINK);
  await confirm();
  expect(await screen.findByText('This link no longer works')).toBeInTheDocument();
  expect(await screen.findByRole('link', { name: 'To the sign-in' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: /Create the account/ })).toBeInTheDocument();
});

test('whoever is signed in has a new link sent in place of the spent one', async () => {
  welcome(loginOf(lea));
  const asked = answer({
    [VERIFY]: problem(404, 'not_found'),
    [ME]: known(false),
    [RESEND]: { status: 202 },
  });
  await show(<VerifyPage />, LINK);
  await confirm();
  await userEvent.click(await button('Send a new link'));
  expect(await screen.findByText(/A new link is on its way to lea@acme.test/)).toBeInTheDocument();
  expect(asked.filter(({ path }) => path.endsWith('/resend'))).toHaveLength(1);
});

test('whose address is confirmed already is told so, and goes on', async () => {
  welcome(loginOf(lea));
  answer({ [VERIFY]: problem(404, 'not_found'), [ME]: known(true) });
  await show(<VerifyPage />, LINK);
  await confirm();
  expect(await screen.findByText('Your address is confirmed already.')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Continue' })).toBeInTheDocument();
});

test('a link that was cut off is none, and nothing is sent', async () => {
  const asked = answer({ [REFRESH]: problem(401, 'unauthenticated') });
  await show(<VerifyPage />, '/verify');
  expect(await screen.findByText(/This address is not complete/)).toBeInTheDocument();
  expect(await screen.findByRole('link', { name: 'To the sign-in' })).toBeInTheDocument();
  expect(asked.some(({ path }) => path.endsWith('/verify'))).toBe(false);
});
