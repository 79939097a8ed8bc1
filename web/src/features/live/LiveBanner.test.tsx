import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { show } from '~/testing/show';
import { LiveBanner } from './LiveBanner';

test('nothing is said as long as the line stands', async () => {
  await show(<LiveBanner state="live" />);
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

test('a lost line is said, and can be tried at once', async () => {
  const now = vi.fn();
  window.addEventListener('hd-live-now', now);
  await show(<LiveBanner state="lost" />);
  expect(screen.getByRole('status')).toHaveTextContent('The connection was lost');
  await userEvent.click(screen.getByRole('button', { name: 'Try now' }));
  expect(now).toHaveBeenCalled();
});

test('too many streams are said, without a button that could not help', async () => {
  await show(<LiveBanner state="crowded" />);
  expect(screen.getByRole('status')).toHaveTextContent('open in too many places');
  expect(screen.queryByRole('button')).toBeNull();
});

test('without a network it says so, even before the line notices', async () => {
  await show(<LiveBanner state="live" />);
  act(() => {
    window.dispatchEvent(new Event('offline'));
  });
  expect(await screen.findByText(/^Offline/)).toBeInTheDocument();
});
