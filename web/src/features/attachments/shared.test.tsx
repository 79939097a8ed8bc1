import { screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { chloe, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { SharedPage } from './SharedPage';

const OPEN = 'POST /api/v1/shares/open';
const file = {
  filename: 'manual.pdf',
  mime_type: 'application/pdf',
  file_size: 2_400_000,
  expires_at: '2026-12-20T08:00:00Z',
  url: 'http://acme.localhost:8080/api/v1/files/7?link=abc',
  url_expires_at: '2026-11-24T08:15:00Z',
};

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test.each([
  ['no token', '/shared', []],
  ['a token that is none, or not any more', '/shared#abc', [OPEN]],
])('a link with %s says so', async (_, path, expected) => {
  const asked = answer({ [OPEN]: problem(404, 'not_found') });
  await show(<SharedPage />, path);
  expect(await screen.findByText('This link no longer works')).toBeInTheDocument();
  expect(asked.map(({ method, path: to }) => `${method} ${to}`)).toEqual(expected);
});

test('a good link says what there is and leads to it', async () => {
  const asked = answer({ [OPEN]: { body: file } });
  await show(<SharedPage />, '/shared#abc');
  expect(await screen.findByRole('heading', { name: 'manual.pdf' })).toBeInTheDocument();
  expect(screen.getByText(/2.3 MB, available until Dec 20, 2026/)).toBeInTheDocument();
  expect(screen.getByText(/by the helpdesk of/)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Download' })).toHaveAttribute('href', file.url);
  expect(asked.map(({ body }) => body)).toEqual([{ token: 'abc' }]);
});
