import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { Settings } from './Settings';

test.each([
  ['agent', ['Replies and macros']],
  [
    'manager',
    ['Replies and macros', 'Help centre', 'Teams', 'Categories and fields', 'Refused contents'],
  ],
] as const)('%ss find the pages of what they may set, and no others', async (role, pages) => {
  welcome(loginOf(lea, role));
  await show(<Settings />, '/settings/replies');
  const links = await screen.findAllByRole('link');
  expect(links.map((link) => link.textContent)).toEqual(pages);
});

test.each([
  ['agent', '/settings/teams'],
  ['agent', '/settings/members'],
  ['agent', '/settings/refused-contents'],
  ['manager', '/settings/sla'],
  ['manager', '/settings/files'],
])('%ss who follow a link to %s are told that it is not theirs', async (role, path) => {
  welcome(loginOf(lea, role));
  await show(<Settings />, path);
  expect(await screen.findByText('These settings are not yours')).toBeInTheDocument();
  expect(screen.queryByRole('navigation')).toBeNull();
});

test('administrators find all pages, the one that is open marked', async () => {
  welcome(loginOf(lea, 'admin'));
  await show(<Settings />, '/settings/sla');
  expect((await screen.findAllByRole('link')).length).toBe(16);
  expect(screen.getByRole('link', { name: 'Promises and hours' })).toHaveAttribute('aria-current');
});
