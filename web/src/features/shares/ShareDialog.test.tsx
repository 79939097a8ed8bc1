import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anAttachment } from '~/testing/files';
import { lea, loginOf, tom } from '~/testing/people';
import { aGift, aShare } from '~/testing/shares';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { ShareDialog } from './ShareDialog';

const LIST = 'GET /api/v1/attachments/51/shares';
const SHARE = 'POST /api/v1/attachments/51/shares';
const REVOKE = 'DELETE /api/v1/attachments/51/shares/5';
const URL = 'http://acme.localhost:8080/shared#s3cret';

async function open(table: Parameters<typeof answer>[0] = {}) {
  const onClose = vi.fn();
  const asked = answer({
    'GET /api/v1/agents': page([lea, tom]),
    [LIST]: page([]),
    ...table,
  });
  await show(<ShareDialog file={anAttachment()} onClose={onClose} />);
  const posts = () => asked.filter(({ method }) => method === 'POST');
  return { asked, posts, onClose };
}
const dialog = () => screen.getByRole('dialog', { name: 'Share photo.png' });
const picker = () => screen.getByRole('combobox', { name: 'Colleague' });
const close = () => userEvent.click(within(dialog()).getByRole('button', { name: 'Close' }));
const byLink = () => userEvent.click(screen.getByRole('radio', { name: 'By a link' }));
const make = () => userEvent.click(screen.getByRole('button', { name: 'Make a link' }));

beforeEach(() => welcome(loginOf(lea)));

test('nobody chosen is nobody asked for, and oneself cannot be chosen', async () => {
  const { posts } = await open();
  await userEvent.click(screen.getByRole('button', { name: 'Share it' }));
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  expect(posts()).toHaveLength(0);
  await userEvent.click(picker());
  expect(await screen.findByRole('option', { name: 'Tom Baker' })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: 'Léa Morel' })).toBeNull();
});

test('a file is shared with a colleague, once, and the list says so', async () => {
  let shares = [aShare()];
  const { posts } = await open({
    [LIST]: () => page(shares),
    [SHARE]: () => {
      shares = [aGift(), ...shares];
      return { status: 201, body: aGift() };
    },
  });
  await userEvent.click(picker());
  await userEvent.click(await screen.findByRole('option', { name: 'Tom Baker' }));
  await userEvent.click(screen.getByRole('button', { name: 'Share it' }));
  expect(await screen.findByText('Tom Baker has it now.')).toHaveAttribute('role', 'status');
  expect(posts().map(({ body }) => body)).toEqual([{ member_id: tom.id }]);
  expect(posts()[0]?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  const list = await screen.findByRole('list', { name: 'Shared so far' });
  await waitFor(() => expect(list).toHaveTextContent('Tom Baker'));
});

test.each([
  [problem(409, 'conflict'), /They have it already/],
  [problem(409, 'scan_pending'), /still being checked/],
])(
  'a colleague who cannot be given it: the reason stands there, and the choice stays',
  async (reply, words) => {
    await open({ [SHARE]: reply });
    await userEvent.click(picker());
    await userEvent.click(await screen.findByRole('option', { name: 'Tom Baker' }));
    await userEvent.click(screen.getByRole('button', { name: 'Share it' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(words);
    expect(picker()).toHaveValue('Tom Baker');
  },
);

test('a link is made for as long as was chosen, and shown once with whom it lets in', async () => {
  const { posts } = await open({ [SHARE]: { status: 201, body: aShare({ url: URL }) } });
  await byLink();
  await userEvent.selectOptions(screen.getByLabelText('Good for'), '1 day');
  await make();
  const link = await screen.findByRole('region', { name: 'The new link' });
  expect(link).toHaveTextContent(URL);
  expect(link).toHaveTextContent(/Whoever has this link can download the file until .*2099/);
  expect(posts().map(({ body }) => body)).toEqual([{ expires_in_hours: 24 }]);
  expect(within(link).getByRole('button', { name: 'Copy the link' })).toHaveFocus();
});

test('a second link is another one, and a try after a lost answer is not', async () => {
  let isLost = true;
  const { posts } = await open({
    [SHARE]: () => (isLost ? 'no network' : { status: 201, body: aShare({ url: URL }) }),
  });
  await byLink();
  await make();
  await screen.findByRole('alert');
  isLost = false;
  await make();
  await screen.findByText(URL);
  await make();
  await waitFor(() => expect(posts()).toHaveLength(3));
  const [first, second, third] = posts().map(({ headers }) => headers.get('idempotency-key'));
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('closing asks for a link that was not copied, and for nothing else', async () => {
  const { onClose } = await open({ [SHARE]: { status: 201, body: aShare({ url: URL }) } });
  await byLink();
  await make();
  await screen.findByText(URL);
  await close();
  const question = await screen.findByRole('dialog', { name: 'Close without copying the link?' });
  await userEvent.click(within(question).getByRole('button', { name: 'Back to the link' }));
  expect(onClose).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Copy the link' }));
  expect(screen.getByRole('button', { name: 'Copied' })).toBeInTheDocument();
  await close();
  expect(onClose).toHaveBeenCalledOnce();
});

test('each share says with whom, by whom, until when, and how often it was opened', async () => {
  await open({
    [LIST]: page([
      aShare({ opened: 3, last_opened_at: '2026-11-20T09:30:00Z' }),
      aShare({ id: 7 }),
      aShare({ id: 8, expires_at: '2026-01-01T00:00:00Z' }),
      aGift({ revoked_at: '2026-11-20T11:00:00Z' }),
    ]),
  });
  const list = await screen.findByRole('list', { name: 'Shared so far' });
  const [opened, fresh, over, revoked] = within(list).getAllByRole('listitem');
  expect(opened).toHaveTextContent(/Whoever has the link.*by Léa Morel.*until.*opened 3 times/);
  expect(fresh).toHaveTextContent('not opened yet');
  expect(over).toHaveTextContent('expired ');
  expect(revoked).toHaveTextContent(/Tom Baker.*stopped/);
  for (const row of [over, revoked]) {
    expect(within(row as HTMLElement).queryByRole('button')).toBeNull();
  }
});

test('sharing by a link is stopped after a question, and the keyboard goes on where that is said', async () => {
  const { asked } = await open({ [LIST]: page([aShare()]), [REVOKE]: { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: 'Stop sharing by the link' }));
  const question = await screen.findByRole('dialog', { name: 'Stop sharing by the link?' });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  await userEvent.click(within(question).getByRole('button', { name: 'Stop sharing' }));
  expect(await screen.findByText('Sharing was stopped.')).toHaveFocus();
});

test('what a colleague has shared is stopped by managers alone', async () => {
  const theirs = aShare({ created_by: { id: tom.id, firstname: 'Tom', lastname: 'Baker' } });
  await open({ [LIST]: page([theirs]) });
  await screen.findByText('Whoever has the link');
  expect(screen.queryByRole('button', { name: 'Stop sharing by the link' })).toBeNull();
  welcome(loginOf(lea, 'manager'));
  expect(
    await screen.findByRole('button', { name: 'Stop sharing by the link' }),
  ).toBeInTheDocument();
});

test.each([
  [page([]), 'With nobody yet.'],
  [problem(503, 'unavailable'), /busy or restarting/],
])('a list that is empty or does not come says so', async (reply, words) => {
  await open({ [LIST]: reply });
  expect(await screen.findByText(words)).toBeInTheDocument();
});
