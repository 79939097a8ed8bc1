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
import { useQueue } from './useQueue';

const SEARCH = 'GET /api/v1/search';

beforeEach(() => welcome(loginOf(lea)));

/** Where the page has gone, as far as the list is concerned. */
function Address() {
  const { view, narrowing } = useQueue();
  return <p>{`${view} ${narrowing.q ?? ''}`}</p>;
}

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

test('Enter leads to what these words find, not to what the words before them found', async () => {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const other = aHit({ ticket: { ...aHit().ticket, id: 8, ticket_number: 'TKT-9ABC' } });
  answer({
    [SEARCH]: async ({ query }) => {
      if (query.get('q') === 'printer') return page([aHit()]);
      await settled;
      return page([other]);
    },
  });
  await show(<FindTicket />);
  const field = screen.getByLabelText('Search tickets');
  await userEvent.type(field, 'printer');
  await screen.findByRole('option', { name: /TKT-4F2K/ });
  await userEvent.type(field, ' smoke');
  await new Promise((resolve) => setTimeout(resolve, 300));
  await userEvent.keyboard('{Enter}');
  expect(field).toHaveValue('printer smoke');
  settle();
  expect(await screen.findByRole('option', { name: /TKT-9ABC/ })).toBeInTheDocument();
});

test('a word with a digit is searched for, and Enter opens what it found', async () => {
  const asked = answer({ [SEARCH]: page([aHit()]) });
  await show(<FindTicket />);
  const field = screen.getByLabelText('Search tickets');
  await userEvent.type(field, 'iphone15');
  await screen.findByRole('option', { name: /TKT-4F2K/ });
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(screen.queryByRole('option')).not.toBeInTheDocument());
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/search']);
});

test('all that the words find stands in the list, one choice away', async () => {
  answer({ [SEARCH]: page([aHit()]) });
  await show(
    <>
      <FindTicket />
      <Address />
    </>,
  );
  await userEvent.type(screen.getByLabelText('Search tickets'), 'tag:vip fire');
  await userEvent.click(await screen.findByRole('option', { name: /All results for “tag:vip/ }));
  expect(await screen.findByText('all tag:vip fire')).toBeInTheDocument();
});

test.each([
  ['too_broad', /Too many tickets hold these words/],
  ['unknown_field', /There is no such condition/],
])('a search refused as %s says what is wrong with it', async (code, words) => {
  const errors = [{ field: 'q', code, message: 'q' }];
  const refused = problem(422, 'validation_failed');
  answer({ [SEARCH]: { ...refused, body: { ...refused.body, errors } } });
  await show(<FindTicket />);
  await userEvent.type(screen.getByLabelText('Search tickets'), 'colour:red');
  expect(await screen.findByText(words)).toBeInTheDocument();
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
  ['4F2K9XYZ', true],
  ['tkt-abcdefgh', true],
  ['#45678923', true],
  ['TKT4F2K9XYZ', true],
  ['4F2K', false],
  ['tkt-4f2k', false],
  ['CMD-12345', false],
  ['iphone15', false],
  ['sentence', false],
  ['2026', false],
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
