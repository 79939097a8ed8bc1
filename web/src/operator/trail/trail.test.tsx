import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anEntry, olga } from '~/testing/platform';
import { show } from '~/testing/show';
import { startDesk, welcome } from '../session';
import { TrailPage } from './TrailPage';

const LOG = 'GET /api/v1/operator/audit-logs';

beforeEach(() => {
  answer({});
  startDesk(() => {});
  welcome(olga);
});

test('a trail that does not come says why', async () => {
  answer({ [LOG]: problem(403, 'forbidden') });
  await show(<TrailPage />, '/trail');
  expect(await screen.findByRole('alert')).toHaveTextContent('You are not allowed to do this.');
});

test('each entry opens to what it has changed', async () => {
  answer({ [LOG]: page([anEntry()]) });
  await show(<TrailPage />, '/trail');
  await userEvent.click(await screen.findByRole('button', { name: /TenantSuspended/ }));
  expect(screen.getByRole('row', { name: 'status active suspended' })).toBeInTheDocument();
});

test('a link to what was done with one thing narrows the trail down, and the form shows it', async () => {
  const asked = answer({ [LOG]: page([]) });
  await show(<TrailPage />, '/trail?resource=tenant:0190-acme');
  expect(await screen.findByText('Nothing fits')).toBeInTheDocument();
  expect(asked.at(-1)?.query.get('resource')).toBe('tenant:0190-acme');
  expect(screen.getByLabelText('On what')).toHaveValue('tenant:0190-acme');
  await userEvent.type(screen.getByLabelText('Action'), 'TenantResumed{Enter}');
  await waitFor(() => expect(asked.at(-1)?.query.get('action')).toBe('TenantResumed'));
});
