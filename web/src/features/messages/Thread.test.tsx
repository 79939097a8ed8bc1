import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aMessage, aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { type Perspective, Thread } from './Thread';

const LIST = 'GET /api/v1/tickets/7/messages';
const perspective: Perspective = {
  speaker: ({ sender_name }) => ({ name: sender_name ?? 'Chloé Petit', person: null }),
  side: () => 'theirs',
  events: () => null,
};
const thread = () => show(<Thread ticket={aTicket()} history={[]} perspective={perspective} />);
const said = (id: number, words: string) =>
  aMessage({ id, message: words, message_html: `<p>${words}</p>` });

beforeEach(() => welcome(loginOf(lea)));

test('the rest of a conversation that fails is not asked for again until somebody wants it', async () => {
  let works = false;
  const first = { body: { data: [said(31, 'Hello')], page: { next_cursor: 'c2', limit: 100 } } };
  const asked = answer({
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
