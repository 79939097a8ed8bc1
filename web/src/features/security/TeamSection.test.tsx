import { screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { TeamSection } from './TeamSection';

const MEMBERS = 'GET /api/v1/members';
const safe = { ...lea, two_factor: true };
const more = (cursor: string, ...data: unknown[]) => ({
  body: { data, page: { next_cursor: cursor, limit: 100 } },
});

beforeEach(() => welcome(loginOf(lea, 'admin')));

test('nobody is said to be safe before the last page was read', async () => {
  const asked = answer({
    [MEMBERS]: ({ query }) =>
      query.get('cursor') === 'c3'
        ? page([{ ...tom, two_factor: false }])
        : more(query.get('cursor') === 'c2' ? 'c3' : 'c2', safe),
  });
  await show(<TeamSection />, '/settings/security');
  expect(await screen.findByText('Without a second factor: Tom Baker')).toBeInTheDocument();
  expect(asked.map(({ query }) => query.get('cursor'))).toEqual([null, 'c2', 'c3']);
});

test('all of them is said of all pages together', async () => {
  answer({ [MEMBERS]: ({ query }) => (query.get('cursor') ? page([safe]) : more('c2', safe)) });
  await show(<TeamSection />, '/settings/security');
  expect(await screen.findByText('All 2 of the team have one.')).toBeInTheDocument();
});

test('a team without end is not read without end, nor called whole', async () => {
  const asked = answer({ [MEMBERS]: () => more('next', safe) });
  await show(<TeamSection />, '/settings/security');
  expect(await screen.findByText(/^The first 20 of the team all have one/)).toBeInTheDocument();
  expect(asked).toHaveLength(20);
});

test('when a later page fails nothing is claimed', async () => {
  answer({
    [MEMBERS]: ({ query }) =>
      query.get('cursor') ? problem(503, 'unavailable') : more('c2', safe),
  });
  await show(<TeamSection />, '/settings/security');
  expect(await screen.findByText('The members could not be loaded.')).toBeInTheDocument();
  expect(screen.queryByText(/of the team have one/)).toBeNull();
});
