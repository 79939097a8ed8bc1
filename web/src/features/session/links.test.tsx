import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { chloe, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { InvitationPage } from './InvitationPage';
import { isDeadLink, isToken } from './links';
import { MagicPage } from './MagicPage';
import { ResetPage } from './ResetPage';
import { currentPerson, signOut } from './session';
import { VerifyAddressPage } from './VerifyAddressPage';

const TOKEN = 'a'.repeat(43);
const RESET = 'POST /api/v1/auth/password/reset';
const MAGIC = 'POST /api/v1/auth/magic-link/login';
const ACCEPT = 'POST /api/v1/auth/invitations/accept';
const CONFIRM = 'POST /api/v1/auth/email/change/confirm';

beforeEach(async () => {
  answer({});
  await signOut();
});

test.each([
  [TOKEN, true],
  ['', false],
  ['bad', false],
  [`${TOKEN}a`, false],
  [`${'a'.repeat(42)}.`, false],
])('"%s" can be a token: %s', (token, can) => {
  expect(isToken(token)).toBe(can);
});

test('any other failure says nothing about the link', () => {
  expect(isDeadLink(new Error('no network'))).toBe(false);
  expect(isDeadLink(null)).toBe(false);
});

const pages: [string, ReactNode, string][] = [
  ['/reset', <ResetPage key="reset" />, 'This link no longer works'],
  ['/magic', <MagicPage key="magic" />, 'This link no longer works'],
  ['/verify-address', <VerifyAddressPage key="address" />, 'This link no longer works'],
  ['/invitation', <InvitationPage key="invitation" />, 'This invitation no longer works'],
];

test.each(pages)(
  '%s with half a link says so at once, and sends nothing',
  async (path, page, words) => {
    const asked = answer({});
    await show(page, `${path}?token=bad`);
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(asked).toEqual([]);
  },
);

test.each(pages.slice(1, 3))(
  '%s sends nothing before somebody presses the button',
  async (path, page) => {
    const asked = answer({});
    await show(page, `${path}?token=${TOKEN}`);
    await screen.findByRole('button', { name: /Sign in|Use this address/ });
    expect(asked).toEqual([]);
  },
);

test('a magic link signs in as a browser', async () => {
  const asked = answer({ [MAGIC]: { body: loginOf(chloe as never, 'customer') } });
  await show(<MagicPage />, `/magic?token=${TOKEN}`);
  await userEvent.click(await screen.findByRole('button', { name: 'Sign in' }));
  await expect.poll(currentPerson).toBe(chloe.id);
  expect(asked[0]?.body).toEqual({ token: TOKEN, client: 'browser' });
});

test.each([
  ['a link that was used up', problem(404, 'not_found'), 'This link no longer works'],
  ['a busy server', problem(503, 'unavailable'), 'busy or restarting'],
])('%s says so after the press', async (_name, reply, words) => {
  answer({ [CONFIRM]: reply });
  await show(<VerifyAddressPage />, `/verify-address?token=${TOKEN}`);
  await userEvent.click(await screen.findByRole('button', { name: 'Use this address' }));
  expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
});

test('a password that is too weak is said at its field, and the link stays good', async () => {
  const weak = problem(422, 'validation_failed');
  const errors = [{ field: 'password', code: 'too_weak', message: 'weak' }];
  answer({ [RESET]: { ...weak, body: { ...weak.body, errors } } });
  await show(<ResetPage />, `/reset?token=${TOKEN}`);
  await userEvent.type(await screen.findByLabelText('New password'), 'password1234');
  await userEvent.click(screen.getByRole('button', { name: 'Change the password' }));
  expect(await screen.findByText(/This password is easy to guess/)).toBeInTheDocument();
  expect(screen.getByLabelText('New password')).toBeInTheDocument();
});

test('whoever is invited where no place is free is told whom to tell, and keeps what was typed', async () => {
  const full = problem(413, 'quota_exceeded');
  const quota = { limit: 'agents', allowed: 3, used: 3 };
  answer({ [ACCEPT]: { ...full, body: { ...full.body, quota } } });
  await show(<InvitationPage />, `/invitation?token=${TOKEN}`);
  await userEvent.type(await screen.findByLabelText('First name'), 'Ben');
  await userEvent.type(screen.getByLabelText('Last name'), 'Okri');
  await userEvent.type(screen.getByLabelText('Password'), 'plover-kite-anvil-42');
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Tell whoever invited you');
  expect(screen.getByLabelText('First name')).toHaveValue('Ben');
});
