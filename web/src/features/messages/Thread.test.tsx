import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMessage, aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { keys } from '../tickets/keys';
import { type Perspective, Thread } from './Thread';

const LIST = 'GET /api/v1/tickets/7/messages';
const HISTORY = 'GET /api/v1/tickets/7/history';
const FILES = 'GET /api/v1/tickets/7/attachments';
const perspective: Perspective = {
  speaker: ({ sender_name }) => ({ name: sender_name ?? 'Chloé Petit', person: null }),
  side: () => 'theirs',
  events: () => null,
};
const thread = () => show(<Thread ticket={aTicket()} perspective={perspective} />);
const said = (id: number, words: string) =>
  aMessage({ id, message: words, message_html: `<p>${words}</p>` });

beforeEach(() => welcome(loginOf(lea)));

test('the rest of a conversation that fails is not asked for again until somebody wants it', async () => {
  let works = false;
  const first = { body: { data: [said(31, 'Hello')], page: { next_cursor: 'c2', limit: 100 } } };
  const asked = answer({
    [HISTORY]: page([]),
    [FILES]: page([]),
    [LIST]: ({ query }) => {
      if (!query.get('cursor')) return first;
      return works ? page([said(32, 'Still there?')]) : problem(503, 'unavailable');
    },
  });
  await thread();
  const again = await screen.findByRole('button', { name: 'Try again' });
  expect(screen.getByText('Hello')).toBeInTheDocument();
  works = true;
  await userEvent.click(again);
  expect(await screen.findByText('Still there?')).toBeInTheDocument();
  expect(asked.filter(({ query }) => query.get('cursor'))).toHaveLength(2);
});

test('a history that cannot be fetched is not taken for one in which nothing happened', async () => {
  let works = false;
  const asked = answer({
    [LIST]: page([said(31, 'Hello')]),
    [FILES]: page([]),
    [HISTORY]: () => (works ? page([]) : problem(503, 'unavailable')),
  });
  await thread();
  expect(await screen.findByRole('alert')).toHaveTextContent('History');
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(asked.filter(({ path }) => path.endsWith('/history'))).toHaveLength(2);
});

test('what somebody else writes meanwhile is said, what one writes oneself is not', async () => {
  let list = [said(31, 'Hello')];
  answer({ [LIST]: () => page(list), [HISTORY]: page([]), [FILES]: page([]) });
  const client = await thread();
  const comes = async (message: ReturnType<typeof said>) => {
    list = [...list, message];
    await client.invalidateQueries({ queryKey: keys.messages(7) });
    await waitFor(() => expect(screen.getAllByRole('article')).toHaveLength(list.length));
  };
  await screen.findByText('Hello');
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
  const marked = { message: 'Still **there**?', message_html: '<p>Still <b>there</b>?</p>' };
  await comes({ ...said(32, 'Still there?'), ...marked });
  expect(screen.getByRole('status')).toHaveTextContent('Chloé Petit: Still there?');
  await comes({ ...said(33, 'Yes.'), sender_id: lea.id, sender_name: 'Léa Morel' });
  expect(screen.getByRole('status')).toHaveTextContent('Chloé Petit: Still there?');
});
