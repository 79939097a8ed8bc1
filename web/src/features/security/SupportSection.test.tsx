import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { SupportSection } from './SupportSection';

const PATH = '/api/v1/tenant/support-access';

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('support is let in and out, and the keyboard stays where that is said', async () => {
  const grant = {
    id: 1,
    reason: 'Ticket 4711',
    created_at: new Date().toISOString(),
    ends_at: new Date(Date.now() + 3_600_000).toISOString(),
    ended_at: null as string | null,
  };
  let grants: (typeof grant)[] = [];
  const asked = answer({
    [`GET ${PATH}`]: () => page(grants),
    [`POST ${PATH}`]: () => {
      grants = [grant];
      return { status: 201, body: grant };
    },
    [`DELETE ${PATH}`]: () => {
      grants = [{ ...grant, ended_at: new Date().toISOString() }];
      return { status: 204 };
    },
  });
  await show(<SupportSection />, '/settings/security');
  await userEvent.type(await screen.findByLabelText('What for'), 'Ticket 4711');
  await userEvent.click(screen.getByRole('button', { name: 'Let support in' }));
  const open = await screen.findByText(/Our support may look in until .* Ticket 4711/);
  await waitFor(() => expect(open.parentElement).toHaveFocus());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    hours: 4,
    reason: 'Ticket 4711',
  });
  await userEvent.click(screen.getByRole('button', { name: 'End the access' }));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: 'End the access' }));
  expect(await screen.findByText('1 earlier access')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Let support in' })).toBeInTheDocument();
});
