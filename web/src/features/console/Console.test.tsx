import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { answer } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { Console } from './Console';

vi.mock('../live/useLive', () => ({ useLive: () => ({ state: 'live', ready: true }) }));

test.each([
  ['agent', '/help'],
  ['manager', '/help/refunds'],
])('%ss have the help centre at %s without the tickets beside it', async (role, path) => {
  welcome(loginOf(lea, role));
  answer({});
  await show(<Console />, path);
  const here = await screen.findByRole('link', { name: 'Help centre' });
  expect(here).toHaveAttribute('href', '/help');
  expect(here).toHaveAttribute('aria-current', 'page');
  expect(screen.queryByRole('navigation', { name: 'Views' })).toBeNull();
  // The page brings its own, and there is one on a page.
  expect(screen.queryByRole('main')).toBeNull();
});
