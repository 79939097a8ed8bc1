import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { show } from '~/testing/show';
import { ProvisioningPage } from './ProvisioningPage';
import { SignupPage } from './SignupPage';

const status = (slug: string, value: string) => ({
  [`GET /api/v1/tenants/${slug}/status`]: { body: { slug, status: value } },
});

async function nameIt(name: string) {
  await userEvent.type(screen.getByLabelText('Name of the organisation'), name);
}

async function fillAccount() {
  await userEvent.type(screen.getByLabelText('First name'), 'Ada');
  await userEvent.type(screen.getByLabelText('Last name'), 'Admin');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'ada@acme.test');
  await userEvent.type(screen.getByLabelText('Password'), 'plover-kite-anvil-42');
  await userEvent.click(screen.getByRole('button', { name: 'Create the helpdesk' }));
}

test('the address follows the name, and is checked while typing', async () => {
  answer({});
  await show(<SignupPage />, '/signup');
  await nameIt('Café du Port');
  expect(screen.getByLabelText('Address of the helpdesk')).toHaveValue('cafe-du-port');
  expect(await screen.findByText('This address is free.')).toBeInTheDocument();
});

test('an address that is taken goes no further', async () => {
  answer(status('acme', 'active'));
  await show(<SignupPage />, '/signup');
  await nameIt('Acme');
  expect(await screen.findByText(/This address is taken/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(screen.queryByLabelText('First name')).toBeNull();
});

test('an address that cannot be checked just now does not stop anybody', async () => {
  answer({ 'GET /api/v1/tenants/acme/status': problem(403, 'forbidden') });
  await show(<SignupPage />, '/signup');
  await nameIt('Acme');
  expect(await screen.findByText(/Could not be checked/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByLabelText('First name')).toBeInTheDocument();
});

/** The server's refusal of one field. */
function refusal(field: string, code: string) {
  const { status, body } = problem(422, 'validation_failed');
  return { status, body: { ...body, errors: [{ field, code, message: code }] } };
}

test('an address that the server reserves looks so while it is typed', async () => {
  const asked = answer({ 'POST /api/v1/tenants': refusal('slug', 'reserved') });
  await show(<SignupPage />, '/signup');
  await nameIt('Status');
  expect(await screen.findByText(/This address is reserved/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(screen.queryByLabelText('First name')).toBeNull();
  // Nothing but the address was sent: there was nothing to sign up.
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ slug: 'status' });
});

test.each([
  [refusal('slug', 'reserved'), /This address is reserved/],
  [problem(409, 'slug_taken'), /This address is taken/],
])(
  'an address refused at the end leads back to it, and nothing typed is lost',
  async (no, words) => {
    answer({
      'POST /api/v1/tenants': ({ body }) =>
        'email' in (body as object) ? no : refusal('organisation', 'required'),
    });
    await show(<SignupPage />, '/signup');
    await nameIt('Orion');
    await screen.findByText('This address is free.');
    await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
    await fillAccount();
    expect(await screen.findByText(words)).toBeInTheDocument();
    const address = screen.getByLabelText('Address of the helpdesk');
    expect(address).toHaveValue('orion');
    expect(address).toHaveFocus();
    await userEvent.clear(address);
    await userEvent.type(address, 'orion-two');
    await screen.findByText('This address is free.');
    await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
    expect(await screen.findByLabelText('First name')).toHaveValue('Ada');
    expect(screen.getByLabelText('E-mail address')).toHaveValue('ada@acme.test');
    expect(screen.getByLabelText('Password')).toHaveValue('plover-kite-anvil-42');
  },
);

test('a password that the server finds weak is said at its field', async () => {
  answer({ 'POST /api/v1/tenants': refusal('password', 'too_weak') });
  await show(<SignupPage />, '/signup');
  await nameIt('Acme');
  await screen.findByText('This address is free.');
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  await fillAccount();
  expect(await screen.findByText(/This password is easy to guess/)).toBeInTheDocument();
});

test('while it is being built, the page says so and asks again until it stands', async () => {
  let now = 'provisioning';
  const asked = answer({
    'GET /api/v1/tenants/acme/status': () => ({ body: { slug: 'acme', status: now } }),
  });
  await show(<ProvisioningPage />, '/signup/acme');
  expect(await screen.findByText('Your helpdesk is being built')).toBeInTheDocument();
  await waitFor(() => expect(asked.length).toBeGreaterThan(1), { timeout: 2000 });
  now = 'active';
  const link = await screen.findByRole('link', { name: 'Go to my helpdesk' });
  expect(link).toHaveAttribute('href', '//acme.localhost:8080/login');
});

test('a building that failed is not shown as one that goes on', async () => {
  answer(status('acme', 'failed'));
  await show(<ProvisioningPage />, '/signup/acme');
  expect(await screen.findByText('The helpdesk could not be built')).toBeInTheDocument();
  expect(screen.queryByRole('link', { name: 'Go to my helpdesk' })).toBeNull();
});
