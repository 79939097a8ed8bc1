import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TakeMenu } from './TakeMenu';

const EXPORT = 'GET /api/v1/tickets/export';

beforeEach(() => welcome(loginOf(lea, 'agent')));

test('the tickets of a list are taken away as the list is narrowed', async () => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:tickets');
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  const asked = answer({ [EXPORT]: { body: 'x' } });
  await show(<TakeMenu filter={{ status: 'open', assigned_to: 'me' }} />);
  await userEvent.click(screen.getByRole('button', { name: 'Take these tickets away' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Table (CSV)' }));
  await expect.poll(() => clicked.mock.calls.length).toBe(1);
  expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
    status: 'open',
    assigned_to: 'me',
    format: 'csv',
  });
});

test('a file that does not come is said', async () => {
  answer({ [EXPORT]: problem(503, 'unavailable') });
  await show(<TakeMenu filter={{}} />);
  await userEvent.click(screen.getByRole('button', { name: 'Take these tickets away' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'JSON' }));
  expect(await screen.findByText('The tickets were not fetched.')).toBeInTheDocument();
});
