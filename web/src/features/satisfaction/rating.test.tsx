import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { RateCard } from './RateCard';
import { RatePage } from './RatePage';
import { Satisfaction } from './Satisfaction';

const QUESTION = 'POST /api/v1/csat/question';
const RATE = 'POST /api/v1/csat';
const given = {
  rating: 4,
  comment: 'Quick',
  answered_at: '2026-11-20T08:00:00Z',
  changed_at: '2026-11-20T08:00:00Z',
};
const question = {
  organisation: 'Acme',
  ticket_number: 'TKT-4F2K',
  subject: 'Printer on fire',
  agent: 'Léa',
  resolved_at: '2026-11-20T08:00:00Z',
  expires_at: '2026-12-20T08:00:00Z',
  answer: null,
};
const solved = aTicket({ status: 'resolved' });

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test.each([
  ['no token', '/rate?token=', []],
  ['a token that is none, or not any more', '/rate?token=abc', [QUESTION]],
])('a link with %s says so', async (_, path, expected) => {
  const asked = answer({ [QUESTION]: problem(404, 'not_found') });
  await show(<RatePage />, path);
  expect(await screen.findByText('This link is not good any more')).toBeInTheDocument();
  expect(asked.map(({ method, path: to }) => `${method} ${to}`)).toEqual(expected);
});

test('a question that cannot be had can be asked for again', async () => {
  let works = false;
  answer({ [QUESTION]: () => (works ? { body: question } : 'no network') });
  await show(<RatePage />, '/rate?token=abc');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('How did Acme do?')).toBeInTheDocument();
});

test('what was pressed in the mail is chosen and sent only when somebody presses the button', async () => {
  const asked = answer({ [QUESTION]: { body: question }, [RATE]: { body: given } });
  await show(<RatePage />, '/rate?token=abc&rating=4');
  expect(await screen.findByRole('radio', { name: '4' })).toBeChecked();
  expect(screen.getByText(/resolved by Léa/)).toBeInTheDocument();
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/csat/question']);
  await userEvent.type(screen.getByLabelText(/say more/), 'Quick');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('Thank you')).toBeInTheDocument();
  expect(asked.at(-1)?.body).toEqual({ token: 'abc', rating: 4, comment: 'Quick' });
});

test('nothing is sent before a number is chosen, and a refusal is told', async () => {
  const asked = answer({ [QUESTION]: { body: question }, [RATE]: problem(429, 'rate_limited') });
  await show(<RatePage />, '/rate?token=abc');
  await userEvent.click(await screen.findByRole('button', { name: 'Send' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Choose a number');
  expect(asked).toHaveLength(1);
  await userEvent.click(screen.getByRole('radio', { name: '1' }));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(await screen.findByRole('alert')).toBeInTheDocument();
  expect(screen.getByRole('radio', { name: '1' })).toBeChecked();
});

test('a customer who is signed in rates beside the ticket, and may change it', async () => {
  const asked = answer({
    'GET /api/v1/tickets/7/csat': {
      body: { token: 'abc', expires_at: question.expires_at, answer: null },
    },
    [RATE]: { body: given },
  });
  await show(<RateCard ticket={solved} />);
  await userEvent.click(await screen.findByRole('radio', { name: '4' }));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('4 of 5')).toBeInTheDocument();
  expect(screen.getByText('Quick')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Change my answer' }));
  expect(screen.getByRole('radio', { name: '4' })).toBeChecked();
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('nothing stands beside a ticket that nobody is asked about, or nobody has rated', async () => {
  const asked = answer({
    'GET /api/v1/tickets/7/csat': { body: { token: null, expires_at: null, answer: null } },
    'GET /api/v1/csat': { body: { data: [], page: { next_cursor: null, limit: 5 } } },
  });
  await show(
    <>
      <RateCard ticket={solved} />
      <Satisfaction ticket={solved} />
    </>,
  );
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(screen.queryByRole('heading')).toBeNull();
});

test('those who answer see how it was liked, whose it was, and the words as they are', async () => {
  const rated = {
    id: 1,
    ticket: { id: 7, ticket_number: 'TKT-4F2K' },
    subject: solved.subject,
    requester: chloe,
    agent: lea,
    resolved_at: question.resolved_at,
    ...given,
    comment: '<b>=1+1</b>',
  };
  answer({
    'GET /api/v1/csat': { body: { data: [rated], page: { next_cursor: null, limit: 5 } } },
  });
  await show(<Satisfaction ticket={solved} />);
  expect(await screen.findByText('<b>=1+1</b>')).toBeInTheDocument();
  expect(screen.getByText(/resolved by Léa Morel/)).toBeInTheDocument();
});
