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

test('an address that the server reserves leads back to the first step, with the reason', async () => {
  const refusal = problem(422, 'validation_failed');
  const errors = [{ field: 'slug', code: 'reserved', message: 'this name is reserved' }];
  answer({ 'POST /api/v1/tenants': { ...refusal, body: { ...refusal.body, errors } } });
  await show(<SignupPage />, '/signup');
  await nameIt('Status');
  await screen.findByText('This address is free.');
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  await fillAccount();
  expect(await screen.findByText(/This address is reserved/)).toBeInTheDocument();
  expect(screen.getByLabelText('Address of the helpdesk')).toHaveValue('status');
});

test('a password that the server finds weak is said at its field', async () => {
  const refusal = problem(422, 'validation_failed');
  const errors = [{ field: 'password', code: 'too_weak', message: 'weak' }];
  answer({ 'POST /api/v1/tenants': { ...refusal, body: { ...refusal.body, errors } } });
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
