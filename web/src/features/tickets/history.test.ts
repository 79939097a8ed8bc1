import { beforeEach, expect, test } from 'vitest';
import { newQueryClient } from '~/api/queries';
import { answer, page } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { welcome } from '../session/session';
import { ticketHistory } from './history';

beforeEach(() => welcome(loginOf(lea)));

test('a long history is read to what happened last', async () => {
  const first = { data: [{ id: 1 }], page: { next_cursor: 'c2', limit: 100 } };
  answer({
    'GET /api/v1/tickets/7/history': ({ query }) =>
      query.get('cursor') === 'c2' ? page([{ id: 2 }]) : { body: first },
  });
  const history = await newQueryClient().fetchQuery(ticketHistory(7));
  expect(history.map(({ id }) => id)).toEqual([1, 2]);
});
