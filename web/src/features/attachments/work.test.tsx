import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anAttachment } from '~/testing/files';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { anAccess } from '~/testing/shares';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { doingsOf } from './doings';
import { Files } from './Files';

const ACCESSES = 'GET /api/v1/attachments/51/accesses';
const ONE = 'GET /api/v1/attachments/51';
const ticket = aTicket({ status: 'in_progress' });
const menu = () =>
  userEvent.click(screen.getByRole('button', { name: 'What to do with photo.png' }));
const choose = async (name: string) =>
  userEvent.click(await screen.findByRole('menuitem', { name }));

beforeEach(() => welcome(loginOf(lea, 'manager')));

test.each([
  ['an agent', 'agent', {}, ['download', 'share']],
  ['an agent, of their own', 'agent', { uploaded_by: lea.id }, ['download', 'share', 'remove']],
  ['a manager', 'manager', {}, ['download', 'share', 'accesses', 'refuse', 'remove']],
  [
    'a manager, of what is being checked',
    'manager',
    { scan_status: 'pending' },
    ['accesses', 'refuse', 'remove'],
  ],
  ['a customer', 'customer', {}, ['download']],
  ['a customer, of what was infected', 'customer', { scan_status: 'infected' }, []],
] as const)('what can be done with a file: %s', (_, role, change, expected) => {
  const found = doingsOf(anAttachment(change), { id: lea.id, role }, ticket);
  expect(found.map(({ id }) => id)).toEqual(expected);
});

test('who opened a file stands with what, by which way and from where', async () => {
  answer({
    [ACCESSES]: page([
      anAccess(),
      anAccess({ id: 91, what: 'issued', user: null, share_id: 5 }),
      anAccess({ id: 92, what: 'previewed', share_id: 6, ip: null, user_agent: null }),
    ]),
  });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await menu();
  await choose('Who opened it');
  const dialog = await screen.findByRole('dialog', { name: 'Who opened photo.png' });
  const list = await within(dialog).findByRole('list', { name: 'Accesses' });
  const [tom, link, shared] = within(list).getAllByRole('listitem');
  expect(tom).toHaveTextContent(
    /Tom Baker opened or downloaded it.*20\d\d, .*192\.0\.2\.7 · Browser/,
  );
  expect(within(tom as HTMLElement).getByText('Browser')).toHaveAttribute('title', 'Browser/1.0');
  expect(link).toHaveTextContent('Somebody with a link opened it (by a link)');
  expect(shared).toHaveTextContent(/saw the preview \(it was shared with them\).*unknown address/);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  expect(screen.getByRole('button', { name: 'What to do with photo.png' })).toHaveFocus();
});

test.each([
  [page([]), 'Nobody yet'],
  [problem(503, 'unavailable'), 'The accesses could not be loaded.'],
])('accesses that are none or do not come say so', async (reply, words) => {
  answer({ [ACCESSES]: reply });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await menu();
  await choose('Who opened it');
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('more accesses are asked for by a button', async () => {
  const first = page([anAccess()]);
  answer({
    [ACCESSES]: ({ query }) =>
      query.get('cursor') === 'next'
        ? page([anAccess({ id: 91, user: null, share_id: 5 })])
        : { body: { ...first.body, page: { ...first.body.page, next_cursor: 'next' } } },
  });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await menu();
  await choose('Who opened it');
  await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
  expect(await screen.findByText('Somebody with a link')).toBeInTheDocument();
});

test('staff fold out what is known of a picture, with what its camera wrote', async () => {
  const exif = {
    camera_make: 'Canon',
    camera_model: 'EOS R6',
    taken_at: '2026-03-02T09:00:00',
    iso: 100,
    has_location: true,
  };
  answer({
    'GET /api/v1/agents': page([lea]),
    [ONE]: { body: { ...anAttachment(), url: '/large', exif } },
  });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await userEvent.click(screen.getByRole('button', { name: /^photo\.png/ }));
  const summary = await screen.findByText('Details');
  expect(screen.queryByRole('button', { name: 'Next picture' })).toBeNull();
  const details = summary.closest('details') as HTMLDetailsElement;
  expect(details.open).toBe(false);
  await waitFor(() => expect(details).toHaveTextContent('Canon EOS R6'));
  for (const words of ['image/png', '800 × 600', 'by Chloé Petit', 'ISO 100', 'ab'.repeat(32)]) {
    expect(details).toHaveTextContent(words);
  }
  expect(details).toHaveTextContent('written down by the camera, and not shown');
  expect(within(details).getByLabelText('Copy the SHA-256')).toBeInTheDocument();
});

test('customers are told none of it', async () => {
  welcome(loginOf(chloe, 'customer'));
  const asked = answer({ [ONE]: { body: { ...anAttachment(), url: '/large' } } });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await userEvent.click(screen.getByRole('button', { name: /^photo\.png/ }));
  await screen.findByRole('dialog', { name: 'photo.png' });
  await within(screen.getByRole('dialog')).findByRole('img');
  expect(screen.queryByText('Details')).toBeNull();
  expect(asked.some(({ path }) => path.endsWith('/agents'))).toBe(false);
});

test('a dialog above the large picture has the keys: they neither turn nor close it', async () => {
  const files = [anAttachment(), anAttachment({ id: 53, original_name: 'second.png' })];
  answer({ [ONE]: { body: { ...anAttachment(), url: '/large' } }, [ACCESSES]: page([anAccess()]) });
  await show(<Files ticket={ticket} files={files} />);
  await userEvent.click(screen.getByRole('button', { name: /^photo\.png/ }));
  const box = await screen.findByRole('dialog', { name: 'photo.png' });
  await userEvent.click(within(box).getByRole('button', { name: 'What to do with photo.png' }));
  await choose('Who opened it');
  await screen.findByRole('dialog', { name: 'Who opened photo.png' });
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.queryByRole('dialog', { name: 'second.png' })).toBeNull();
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.getAllByRole('dialog')).toHaveLength(1));
  expect(screen.getByRole('dialog', { name: 'photo.png' })).toBeInTheDocument();
});
