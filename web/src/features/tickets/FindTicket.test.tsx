import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Hit } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { FindTicket, isNumber } from './FindTicket';
import { pieces } from './marked';

const SEARCH = 'GET /api/v1/search';

beforeEach(() => welcome(loginOf(lea)));

/** What the search has found: that ticket, with the words marked. */
function aHit(change: Partial<Hit> = {}): Hit {
  const { id, ticket_number, subject, status, priority, assigned_to, updated_at } = aTicket();
  const { id: requester, firstname, lastname } = chloe;
  return {
    kind: 'ticket',
    ticket: {
      id,
      ticket_number,
      subject,
      status,
      priority,
      assigned_to,
      updated_at,
      requester: { id: requester, firstname, lastname },
    },
    highlights: [{ field: 'subject', html: '<mark>Printer</mark> on fire' }],
    score: 1.2,
    at: updated_at,
    ...change,
  };
}

test('what is typed is searched for once one pauses, and its words are marked', async () => {
  const asked = answer({ [SEARCH]: page([aHit()]) });
  await show(<FindTicket />);
  await userEvent.type(screen.getByLabelText('Search tickets'), 'printers');
  const hit = await screen.findByRole('option', { name: /TKT-4F2K/ });
  expect(hit.querySelector('mark')).toHaveTextContent('Printer');
  expect(asked.map(({ query }) => query.get('q'))).toEqual(['printers']);
});

test('Enter opens what fits best', async () => {
  answer({ [SEARCH]: page([aHit()]), 'GET /api/v1/tickets/TKT-4F2K': { body: aTicket() } });
  await show(<FindTicket />);
  const field = screen.getByLabelText('Search tickets');
  await userEvent.type(field, 'printers');
  await screen.findByRole('option', { name: /TKT-4F2K/ });
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(screen.queryByRole('option')).not.toBeInTheDocument());
});

test('a note says that it is one, and what looks like HTML is text', async () => {
  const html = '&lt;img src=x&gt; the <mark>fire</mark>';
  const highlights = [{ field: 'message', html }];
  answer({ [SEARCH]: page([aHit({ kind: 'message', is_internal: true, highlights })]) });
  await show(<FindTicket />);
  await userEvent.type(screen.getByLabelText('Search tickets'), 'fire');
  const hit = await screen.findByRole('option', { name: /Internal note/ });
  expect(hit).toHaveTextContent('<img src=x> the fire');
  expect(hit.querySelector('img')).toBeNull();
});

test('where nothing is found, that is said; where the search fails, why', async () => {
  let reply: Parameters<typeof answer>[0][string] = page([]);
  answer({ [SEARCH]: () => (typeof reply === 'function' ? 'no network' : reply) });
  await show(<FindTicket />);
  const field = screen.getByLabelText('Search tickets');
  await userEvent.type(field, 'nothing');
  expect(await screen.findByText('Nothing was found.')).toBeInTheDocument();
  reply = problem(503, 'unavailable');
  await userEvent.type(field, ' more');
  expect(await screen.findByText(/busy or restarting/)).toBeInTheDocument();
});

test.each([
  ['4F2K', true],
  ['tkt-abcd', true],
  ['#4567', true],
  ['printer', false],
  ['printer 2', false],
  ['status:open', false],
  ['', false],
])('"%s" is a number: %s', (typed, is) => {
  expect(isNumber(typed)).toBe(is);
});

test('of a highlight only the marks are taken as such', () => {
  const shown = pieces('a &amp;lt; <mark>b&#39;s</mark> <b>c</b>').map(({ text, marked }) => [
    text,
    marked,
  ]);
  expect(shown).toEqual([
    ['a &lt; ', false],
    ["b's", true],
    [' <b>c</b>', false],
  ]);
});
