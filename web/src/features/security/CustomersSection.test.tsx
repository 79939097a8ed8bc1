import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { CustomersSection } from './CustomersSection';

const GET = 'GET /api/v1/tenant';
const PATCH = 'PATCH /api/v1/tenant';
const acme = { organisation: 'Acme', customer_magic_link: false, version: 3 };

const link = () => screen.findByRole('switch', { name: /^Offer a link by e-mail/ });

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('the switch saves at once, with the version that was on the screen', async () => {
  const asked = answer({
    [GET]: { body: acme },
    [PATCH]: { body: { ...acme, customer_magic_link: true, version: 4 } },
  });
  await show(<CustomersSection />, '/settings/security');
  expect(await link()).not.toBeChecked();
  await userEvent.click(await link());
  await waitFor(async () => expect(await link()).toBeChecked());
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.body).toEqual({ customer_magic_link: true });
  expect(sent?.headers.get('if-match')).toBe('"3"');
});

test('what was refused is said, and the switch shows what is true', async () => {
  answer({ [GET]: { body: acme }, [PATCH]: problem(412, 'version_mismatch') });
  await show(<CustomersSection />, '/settings/security');
  await userEvent.click(await link());
  expect(await screen.findByText('The setting was not saved')).toBeInTheDocument();
  await waitFor(async () => expect(await link()).not.toBeChecked());
});
