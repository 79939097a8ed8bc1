import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page } from '~/testing/api';
import { aTicket, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { give } from '../console/commands';
import { welcome } from '../session/session';
import { AssignMenu } from './AssignMenu';

const ASSIGN = 'POST /api/v1/tickets/7/assign';

beforeEach(() => welcome(loginOf(lea)));

test('keys that follow the opening one at once go to the list, and none is lost', async () => {
  const ticket = aTicket({ status: 'open' });
  const asked = answer({
    'GET /api/v1/agents': page([tom, lea]),
    [ASSIGN]: { body: { ...ticket, status: 'in_progress' } },
  });
  await show(<AssignMenu ticket={ticket} />);
  await screen.findByRole('button');
  act(() => void give('assign'));
  expect(screen.getByRole('textbox', { name: 'Find a colleague' })).toHaveFocus();
  await screen.findByRole('option', { name: /Assign to me/ });
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(asked.filter(({ path }) => ASSIGN.endsWith(path))).toMatchObject([
    { body: { assigned_to: lea.id } },
  ]);
});
