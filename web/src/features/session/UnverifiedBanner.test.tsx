import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from './session';
import { UnverifiedBanner } from './UnverifiedBanner';

const RESEND = 'POST /api/v1/auth/email/resend';

/** The banner of Léa, who came in before her address was confirmed; whether it is now is asked. */
async function banner(verified: () => boolean, table: Parameters<typeof answer>[0] = {}) {
  const login = loginOf(lea, 'agent');
  const user = { ...login.user, email_verified: false };
  welcome({ ...login, user });
  const asked = answer({
    'GET /api/v1/auth/me': () => ({ body: { ...user, email_verified: verified() } }),
    ...table,
  });
  await show(<UnverifiedBanner />);
  return asked;
}

test('an address that is not confirmed is said, and its link can be sent again', async () => {
  const asked = await banner(() => false, { [RESEND]: { status: 202 } });
  expect(await screen.findByRole('status')).toHaveTextContent('we sent to lea@acme.test');
  await userEvent.click(screen.getByRole('button', { name: 'Send it again' }));
  await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('Sent again'));
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a link that cannot be sent says why', async () => {
  await banner(() => false, { [RESEND]: problem(503, 'unavailable') });
  await userEvent.click(await screen.findByRole('button', { name: 'Send it again' }));
  await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('busy or restarting'));
  expect(screen.getByRole('button', { name: 'Send it again' })).toBeEnabled();
});

test('whoever comes back with a confirmed address is no longer reminded', async () => {
  let confirmed = false;
  await banner(() => confirmed);
  await screen.findByRole('status');
  confirmed = true;
  act(() => {
    window.dispatchEvent(new Event('visibilitychange'));
  });
  await waitFor(() => expect(screen.queryByRole('status')).toBeNull());
});

test('an address that was confirmed since is not mentioned', async () => {
  const asked = await banner(() => true);
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByRole('status')).toBeNull();
});

test('of whoever came in with a confirmed address nothing is asked', async () => {
  welcome(loginOf(lea, 'admin'));
  const asked = answer({});
  await show(<UnverifiedBanner />);
  expect(asked).toEqual([]);
});
