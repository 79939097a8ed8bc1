import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { InviteForm } from '../members/InviteForm';
import { welcome } from '../session/session';
import { TicketForm } from '../tickets/TicketForm';

function refusal(limit: string, allowed: number) {
  const { status, body } = problem(413, 'quota_exceeded');
  return { status, body: { ...body, quota: { limit, allowed, used: allowed } } };
}

async function openTicket() {
  answer({ 'POST /api/v1/tickets': refusal('tickets_a_month', 1200) });
  await show(<TicketForm />, '/tickets/new');
  await userEvent.type(screen.getByLabelText(/subject/i), 'Printer on fire');
  await userEvent.type(screen.getByLabelText(/what happened|description/i), 'It burns.');
  await userEvent.click(screen.getByRole('button', { name: /send/i }));
  return screen.findByRole('alert');
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T14:00:00Z') });
  return () => vi.useRealTimers();
});

test('a customer is told what they can do, and not what the organisation pays for', async () => {
  welcome(loginOf(chloe, 'customer'));
  const said = await openTicket();
  expect(said).toHaveTextContent('Acme can take no more requests this month.');
  expect(said).toHaveTextContent('send it from December 1, 2026 on');
  expect(said).not.toHaveTextContent(/plan|1,200/);
  expect(screen.getByLabelText(/subject/i)).toHaveValue('Printer on fire');
});

test('an agent is sent to an administrator', async () => {
  welcome(loginOf(lea, 'agent'));
  const said = await openTicket();
  expect(said).toHaveTextContent('Tickets a month in your organisation’s plan: 1,200.');
  expect(said).toHaveTextContent('An administrator of your organisation');
  expect(screen.queryByRole('link', { name: 'See plan and usage' })).toBeNull();
});

test('an administrator is led to the plan', async () => {
  welcome(loginOf(lea, 'admin'));
  await openTicket();
  expect(screen.getByRole('link', { name: 'See plan and usage' })).toHaveAttribute(
    'href',
    '/settings/plan',
  );
});

test('an invitation beyond the plan says how many places there are, and leads to the plan', async () => {
  welcome(loginOf(lea, 'admin'));
  answer({ 'POST /api/v1/invitations': refusal('agents', 3), 'GET /api/v1/invitations': page([]) });
  await show(<InviteForm onDone={() => {}} />, '/settings/members');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'ben@acme.test');
  await userEvent.click(screen.getByRole('button', { name: 'Send the invitation' }));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'Places for staff in your plan: 3. All are taken',
  );
  expect(screen.getByRole('link', { name: 'See plan and usage' })).toBeInTheDocument();
  expect(screen.getByLabelText('E-mail address')).toHaveValue('ben@acme.test');
});

test('a limit that a newer server has is told without its name', async () => {
  welcome(loginOf(lea, 'admin'));
  answer({ 'POST /api/v1/invitations': refusal('moons', 3) });
  await show(<InviteForm onDone={() => {}} />, '/settings/members');
  await userEvent.type(screen.getByLabelText('E-mail address'), 'ben@acme.test');
  await userEvent.click(screen.getByRole('button', { name: 'Send the invitation' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('allows no more of this');
});
