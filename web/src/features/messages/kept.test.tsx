import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { aMessage, aTicket, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { Composer } from './Composer';
import { forgetDrafts } from './drafts';

const DRAFT = '/api/v1/tickets/7/draft';
const kept = (reply: string | null, note: string | null = null) => ({
  body: {
    reply: reply && { message: reply, updated_at: '2026-11-20T08:00:00Z' },
    note: note && { message: note, updated_at: '2026-11-20T08:00:00Z' },
  },
});
const ticket = aTicket({ status: 'in_progress', assigned_to: lea.id });
const reply = () => screen.getByLabelText('Reply to Chloé');

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
});

test('what was begun elsewhere is taken up', async () => {
  answer({ [`GET ${DRAFT}`]: kept('Dear Chloé') });
  await show(<Composer ticket={ticket} />);
  await waitFor(() => expect(reply()).toHaveValue('Dear Chloé'));
});

test('a note that was begun alone is shown as a note', async () => {
  answer({ [`GET ${DRAFT}`]: kept(null, 'Ask Tom') });
  await show(<Composer ticket={ticket} />);
  await waitFor(() => expect(screen.getByLabelText('Internal note')).toHaveValue('Ask Tom'));
});

test('what has been written here is newer than what the server has', async () => {
  let told = () => {};
  const asked = new Promise<void>((resolve) => {
    told = resolve;
  });
  answer({
    [`GET ${DRAFT}`]: async () => {
      await asked;
      return kept('older');
    },
    [`PUT ${DRAFT}`]: { status: 204 },
  });
  await show(<Composer ticket={ticket} />);
  await userEvent.type(reply(), 'newer');
  told();
  await screen.findByText('Draft kept');
  expect(reply()).toHaveValue('newer');
});

test('after a pause what is written is kept once, and forgotten as soon as it is sent', async () => {
  const asked = answer({
    [`GET ${DRAFT}`]: kept(null),
    [`PUT ${DRAFT}`]: { status: 204 },
    [`DELETE ${DRAFT}`]: { status: 204 },
    'POST /api/v1/tickets/7/messages': { status: 201, body: aMessage() },
  });
  await show(<Composer ticket={ticket} />);
  await userEvent.type(reply(), 'On my way');
  await screen.findByText('Draft kept');
  const puts = asked.filter(({ method }) => method === 'PUT');
  expect(puts.map(({ body }) => body)).toEqual([{ mode: 'reply', message: 'On my way' }]);
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'DELETE')?.query.get('mode')).toBe('reply'),
  );
});

test('leaving the ticket does not lose the last words', async () => {
  const asked = answer({ [`GET ${DRAFT}`]: kept(null), [`PUT ${DRAFT}`]: { status: 204 } });
  await show(<Composer ticket={ticket} />);
  await waitFor(() => expect(asked.map(({ path }) => path)).toContain(DRAFT));
  await userEvent.type(reply(), 'Wait');
  cleanup();
  await waitFor(() =>
    expect(asked.filter(({ method }) => method === 'PUT').at(-1)?.body).toEqual({
      mode: 'reply',
      message: 'Wait',
    }),
  );
});

test('a draft that cannot be kept says so', async () => {
  answer({ [`GET ${DRAFT}`]: kept(null), [`PUT ${DRAFT}`]: problem(503, 'unavailable') });
  await show(<Composer ticket={ticket} />);
  await userEvent.type(reply(), 'On my way');
  expect(await screen.findByText('The draft is not kept')).toBeInTheDocument();
});

test('a reply waits for its draft, and the next draft for the reply: none comes back, none is lost', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = answer({
    [`GET ${DRAFT}`]: kept(null),
    [`PUT ${DRAFT}`]: async () => {
      await held;
      return { status: 204 };
    },
    [`DELETE ${DRAFT}`]: { status: 204 },
    'POST /api/v1/tickets/7/messages': { status: 201, body: aMessage() },
  });
  const methods = () => asked.map(({ method }) => method).filter((method) => method !== 'GET');
  await show(<Composer ticket={ticket} />);
  await userEvent.type(reply(), 'On my way');
  await waitFor(() => expect(methods()).toEqual(['PUT']));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  await userEvent.type(reply(), 'One more thing');
  expect(methods()).toEqual(['PUT']);
  release();
  await waitFor(() => expect(methods()).toHaveLength(4));
  expect(methods().slice(1, 3).sort()).toEqual(['DELETE', 'POST']);
  const last = asked.filter(({ method }) => method === 'PUT').at(-1);
  expect(last?.body).toEqual({ mode: 'reply', message: 'One more thing' });
});
