import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, answer, page, problem } from '~/testing/api';
import { aVerdict } from '~/testing/media';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import * as digest from './digest';
import { ModerationPage } from './ModerationPage';

const PATH = '/api/v1/moderation-hashes';
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

async function open(table: Parameters<typeof answer>[0] = {}): Promise<Asked[]> {
  const asked = answer({
    [`GET ${PATH}`]: page([aVerdict()]),
    'GET /api/v1/agents': page([lea]),
    ...table,
  });
  await show(<ModerationPage />, '/settings/refused-contents');
  return asked;
}
const sent = (asked: Asked[], method: string) => asked.find((one) => one.method === method);
const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));
const typeHash = async (typed: string) =>
  userEvent.type(await screen.findByLabelText('SHA-256'), typed);
const choose = (...files: File[]) =>
  userEvent.upload(document.querySelector('input[type=file]') as HTMLInputElement, files);

beforeEach(() => welcome(loginOf(lea, 'manager')));

test.each([
  ['too few digits', ABC.slice(1)],
  ['other letters', `g${ABC.slice(1)}`],
])('%s are not sent as a hash', async (_, typed) => {
  const asked = await open();
  await press('Add a content');
  await typeHash(typed);
  await press('Refuse this content');
  expect(screen.getByText('These are not 64 digits from 0 to 9 and a to f.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
});

test('what was judged already says where it is to be changed', async () => {
  await open({ [`POST ${PATH}`]: problem(409, 'conflict') });
  await press('Add a content');
  await typeHash(ABC);
  await press('Refuse this content');
  expect(await screen.findByRole('alert')).toHaveTextContent('was judged already');
});

test('a content is refused by its hash, in small letters, with a reason and after it was said what happens', async () => {
  const asked = await open({ [`POST ${PATH}`]: { status: 201, body: aVerdict({ id: 42 }) } });
  await press('Add a content');
  await typeHash(` ${ABC.toUpperCase()} `);
  await userEvent.type(screen.getByLabelText('Reason'), 'Spam');
  expect(screen.getByText(/taken away from all tickets within a minute/)).toBeInTheDocument();
  await press('Refuse this content');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent(asked, 'POST')?.body).toEqual({ sha256: ABC, status: 'rejected', note: 'Spam' });
  expect(sent(asked, 'POST')?.headers.get('idempotency-key')).not.toBeNull();
});

test('a hash is computed from a file that is not sent', async () => {
  const asked = await open();
  await press('Add a content');
  await choose(new File(['abc'], 'abc.txt'));
  expect(await screen.findByText('Computed from abc.txt.')).toBeInTheDocument();
  expect(screen.getByLabelText('SHA-256')).toHaveValue(ABC);
  expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  await typeHash('0');
  expect(screen.queryByText('Computed from abc.txt.')).toBeNull();
});

test('a file that cannot be read, and one that nobody could send, say so', async () => {
  await open();
  await press('Add a content');
  const gone = new File(['abc'], 'gone.txt');
  gone.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
  await choose(gone);
  expect(await screen.findByRole('alert')).toHaveTextContent('gone.txt could not be read.');
  const large = new File(['abc'], 'large.iso');
  Object.defineProperty(large, 'size', { value: 200_000_000 });
  await choose(large);
  await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('large.iso is larger'));
  expect(screen.getByLabelText('SHA-256')).toHaveValue('');
});

test('of two files that were chosen one after the other, the last one counts', async () => {
  let finish = (_: string) => {};
  const slow = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const compute = vi.spyOn(digest, 'sha256Of').mockReturnValueOnce(slow);
  await open();
  await press('Add a content');
  await choose(new File(['x'], 'slow.txt'));
  compute.mockResolvedValueOnce(ABC);
  await choose(new File(['abc'], 'abc.txt'));
  await screen.findByText('Computed from abc.txt.');
  finish('f'.repeat(64));
  await slow;
  expect(screen.getByLabelText('SHA-256')).toHaveValue(ABC);
});

test('where the browser computes nothing, that is said, and a hash can be typed', async () => {
  vi.spyOn(digest, 'canCompute').mockReturnValue(false);
  await open();
  await press('Add a content');
  expect(await screen.findByText(/not opened over a safe connection/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Compute it from a file' })).toBeNull();
});

test('a verdict is changed alone, its reason stays', async () => {
  const asked = await open({ [`PATCH ${PATH}/41`]: { body: aVerdict({ status: 'approved' }) } });
  await userEvent.click(await screen.findByRole('button', { name: 'Change “abababababab…”' }));
  await userEvent.click(await screen.findByRole('radio', { name: 'Allowed' }));
  await press('Save');
  await waitFor(() => expect(sent(asked, 'PATCH')?.body).toEqual({ status: 'approved' }));
});

test('a reason that was emptied is taken away', async () => {
  const asked = await open({ [`PATCH ${PATH}/41`]: { body: aVerdict({ note: null }) } });
  await userEvent.click(await screen.findByRole('button', { name: /^Change/ }));
  await userEvent.clear(await screen.findByLabelText('Reason'));
  await press('Save');
  await waitFor(() => expect(sent(asked, 'PATCH')?.body).toEqual({ note: null }));
});

test('a verdict goes after a question, and the keyboard goes on where that is said', async () => {
  const asked = await open({ [`DELETE ${PATH}/41`]: { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: /^Remove/ }));
  const question = await screen.findByRole('dialog');
  expect(question).toHaveTextContent('taken away do not come back');
  await userEvent.click(within(question).getByRole('button', { name: /^Remove/ }));
  const said = await screen.findByText('abababababab… was removed.');
  await waitFor(() => expect(said).toHaveFocus());
  expect(sent(asked, 'DELETE')).toBeDefined();
});

test('each stands with its hash, what was said of it, why and by whom', async () => {
  await open({ [`GET ${PATH}`]: page([aVerdict({ has_likeness: true })]) });
  const list = await screen.findByRole('list', { name: 'Contents' });
  await waitFor(() => expect(list).toHaveTextContent('by Léa Morel'));
  expect(list).toHaveTextContent('ab'.repeat(32));
  expect(list).toHaveTextContent('RefusedSpampictures that look like it come here');
});

test('the list is narrowed to one verdict, and shows all again', async () => {
  const asked = await open({
    [`GET ${PATH}`]: ({ query }) => page(query.get('status') ? [] : [aVerdict()]),
  });
  await screen.findByRole('list', { name: 'Contents' });
  await userEvent.selectOptions(screen.getByLabelText('Which contents'), 'To be decided');
  expect(await screen.findByText('No contents with this decision')).toBeInTheDocument();
  expect(asked.at(-1)?.query.get('status')).toBe('pending');
  await press('Show all');
  expect(await screen.findByRole('list', { name: 'Contents' })).toBeInTheDocument();
  expect(screen.getByLabelText('Which contents')).toHaveFocus();
});

test('the rest of a long list is asked for, and what comes of it is said', async () => {
  const first = { data: [aVerdict()], page: { next_cursor: 'c2', limit: 50 } };
  let works = false;
  await open({
    [`GET ${PATH}`]: ({ query }) => {
      if (!query.get('cursor')) return { body: first };
      return works ? page([aVerdict({ id: 40, note: 'Older' })]) : problem(403, 'forbidden');
    },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
  expect(await screen.findByText('The next ones could not be loaded.')).toBeInTheDocument();
  works = true;
  await press('Show more');
  expect(await screen.findByText('Older')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test.each([
  [page([]), 'No contents yet'],
  [problem(403, 'forbidden'), 'You are not allowed to do this.'],
])('a list that is empty or refused says so', async (reply, words) => {
  await open({ [`GET ${PATH}`]: reply });
  expect(await screen.findByText(words)).toBeInTheDocument();
});
