import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { IdentityProvider } from '~/api/types';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ProviderSection } from './ProviderSection';

const PATH = '/api/v1/tenant/identity-provider';
const acme: IdentityProvider = {
  issuer: 'https://id.acme.test',
  client_id: 'desk',
  name: 'Acme',
  domains: ['acme.test'],
  default_role: 'agent',
  enabled: true,
  callback_url: 'http://acme.localhost:8080/api/v1/auth/sso/callback',
};
/** As a gateway that compresses hands it on. */
const at = (version: number, change: Partial<IdentityProvider> = {}) => ({
  body: { ...acme, ...change },
  headers: { etag: `W/"${version}"` },
});
const field = (name: string) => screen.findByLabelText(name, { selector: 'input' });
const saves = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('a change builds on the version that was read, and the next one on what was saved', async () => {
  let version = 3;
  const asked = answer({
    [`GET ${PATH}`]: () => at(version),
    [`PUT ${PATH}`]: ({ body }) => {
      version += 1;
      return at(version, { name: (body as IdentityProvider).name });
    },
  });
  await show(<ProviderSection />, '/settings/security');
  await userEvent.type(await field('Name on the button'), '!');
  await saves();
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  await userEvent.type(await field('Name on the button'), '!');
  await saves();
  const puts = () => asked.filter(({ method }) => method === 'PUT');
  await waitFor(() => expect(puts()).toHaveLength(2));
  expect(puts().map(({ headers }) => headers.get('if-match'))).toEqual(['"3"', '"4"']);
  expect(puts()[1]?.body).toMatchObject({ name: 'Acme!!' });
  expect(screen.queryByText(/Somebody else/)).toBeNull();
});

test('whoever was overtaken sees what the other has set, and undoes nothing of it', async () => {
  let now = at(3);
  const asked = answer({
    [`GET ${PATH}`]: () => now,
    [`PUT ${PATH}`]: ({ headers }) => {
      now = at(4, { default_role: 'customer' });
      return headers.get('if-match') === '"4"' ? now : problem(412, 'version_mismatch');
    },
  });
  await show(<ProviderSection />, '/settings/security');
  await userEvent.type(await field('Name on the button'), '!');
  await saves();
  expect(await screen.findByRole('alert')).toHaveTextContent('Somebody else has changed this');
  expect(await field('Name on the button')).toHaveValue('Acme!');
  expect(screen.getByLabelText('Role of newcomers')).toHaveValue('customer');
  await saves();
  await screen.findByText('Saved.');
  const last = asked.filter(({ method }) => method === 'PUT').at(-1);
  expect(last?.headers.get('if-match')).toBe('"4"');
  expect(last?.body).toMatchObject({ name: 'Acme!', default_role: 'customer' });
});

test('a first one is set up only where there is none, and removed with its version', async () => {
  let now: ReturnType<typeof at> | null = null;
  const asked = answer({
    [`GET ${PATH}`]: () => now ?? problem(404, 'not_found'),
    [`PUT ${PATH}`]: () => {
      now = at(1);
      return now;
    },
    [`DELETE ${PATH}`]: { status: 204 },
  });
  await show(<ProviderSection />, '/settings/security');
  await userEvent.click(await screen.findByRole('button', { name: 'Set up single sign-on' }));
  for (const [name, words] of [
    ['Issuer', acme.issuer],
    ['Client id', 'desk'],
    ['Client secret', 'secret'],
    ['Name on the button', 'Acme'],
    ['Domains', 'acme.test'],
  ] as const) {
    await userEvent.type(await field(name), words);
  }
  await saves();
  await screen.findByText('Saved.');
  expect(await field('Client secret')).toHaveValue('');
  await userEvent.click(screen.getByRole('button', { name: 'Remove single sign-on' }));
  const question = within(await screen.findByRole('dialog'));
  await userEvent.click(question.getByRole('button', { name: 'Remove single sign-on' }));
  expect(await screen.findByRole('button', { name: 'Set up single sign-on' })).toBeInTheDocument();
  const tags = asked
    .filter(({ method }) => method === 'PUT' || method === 'DELETE')
    .map(({ headers }) => headers.get('if-match'));
  expect(tags).toEqual(['"0"', '"1"']);
});
