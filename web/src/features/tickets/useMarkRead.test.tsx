import { act, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer } from '~/testing/api';
import { aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { useMarkRead } from './useMarkRead';

const READ = 'POST /api/v1/tickets/7/read';

function Opened({ unread }: { unread: number }) {
  useMarkRead(aTicket({ unread_count: unread }));
  return null;
}

beforeEach(() => welcome(loginOf(lea)));
afterEach(() => vi.restoreAllMocks());

test('a ticket that is opened is marked read', async () => {
  const asked = answer({ [READ]: { status: 204 } });
  await show(<Opened unread={2} />);
  await waitFor(() => expect(asked.map(({ path }) => path)).toEqual(['/api/v1/tickets/7/read']));
});

test('where nothing is unread nothing is said', async () => {
  const asked = answer({ [READ]: { status: 204 } });
  await show(<Opened unread={0} />);
  await act(async () => document.dispatchEvent(new Event('visibilitychange')));
  expect(asked).toEqual([]);
});

test('behind other tabs nobody has read it; in front of somebody they have', async () => {
  const asked = answer({ [READ]: { status: 204 } });
  const tab = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  await show(<Opened unread={1} />);
  await act(async () => document.dispatchEvent(new Event('visibilitychange')));
  expect(asked).toEqual([]);
  tab.mockReturnValue('visible');
  await act(async () => document.dispatchEvent(new Event('visibilitychange')));
  await waitFor(() => expect(asked).toHaveLength(1));
});
