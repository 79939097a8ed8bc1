import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anAttachment } from '~/testing/files';
import { aTicket, lea, loginOf } from '~/testing/people';
import { aSharedFile } from '~/testing/shares';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { SharedWithMePage } from './SharedWithMePage';

const LIST = 'GET /api/v1/attachments/shared';
const paper = anAttachment({
  id: 52,
  ticket_id: 9,
  original_name: 'invoice.pdf',
  mime_type: 'application/pdf',
});

beforeEach(() => welcome(loginOf(lea)));

test.each([
  [page([]), 'Nothing yet'],
  [problem(503, 'unavailable'), 'The files could not be loaded.'],
])('a list that is empty or does not come says so', async (reply, words) => {
  answer({ [LIST]: reply });
  await show(<SharedWithMePage />, '/files');
  expect(await screen.findByText(words)).toBeInTheDocument();
});

test('each file says who shared it, and its ticket only where that is seen', async () => {
  answer({
    [LIST]: page([aSharedFile(), aSharedFile({ id: 9, attachment: paper })]),
    'GET /api/v1/tickets/7': { body: aTicket() },
  });
  await show(<SharedWithMePage />, '/files');
  const [picture, other] = await screen.findAllByRole('listitem');
  expect(picture).toHaveTextContent(/photo\.png.*2 kB.*from Tom Baker/);
  const link = await within(picture as HTMLElement).findByRole('link', { name: 'TKT-4F2K' });
  expect(link).toHaveAttribute('href', '/tickets/TKT-4F2K');
  expect(other).toHaveTextContent('invoice.pdf');
  expect(within(other as HTMLElement).queryByRole('link')).toBeNull();
});

test('a picture is looked at, a paper is saved, and what is checked waits', async () => {
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  const checked = anAttachment({ id: 53, original_name: 'late.png', scan_status: 'pending' });
  answer({
    [LIST]: page([
      aSharedFile(),
      aSharedFile({ id: 9, attachment: paper }),
      aSharedFile({ id: 10, attachment: checked }),
    ]),
    'GET /api/v1/attachments/51': { body: { ...anAttachment(), url: '/large' } },
    'GET /api/v1/attachments/52': { body: { ...paper, url: '/paper' } },
  });
  await show(<SharedWithMePage />, '/files');
  await userEvent.click(await screen.findByRole('button', { name: 'invoice.pdf' }));
  await waitFor(() => expect(clicked).toHaveBeenCalledOnce());
  expect(screen.queryByRole('button', { name: /late\.png/ })).toBeNull();
  expect(screen.getByText(/being checked/)).toBeInTheDocument();
  const opener = screen.getByRole('button', { name: 'photo.png' });
  await userEvent.click(opener);
  const box = await screen.findByRole('dialog', { name: 'photo.png' });
  expect(await within(box).findByRole('img')).toHaveAttribute('src', '/large');
  expect(within(box).queryByRole('button', { name: /^What to do/ })).toBeNull();
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await waitFor(() => expect(opener).toHaveFocus());
});

test('the rest is asked for by a button', async () => {
  const first = page([aSharedFile()]);
  answer({
    [LIST]: ({ query }) =>
      query.get('cursor') === 'next'
        ? page([aSharedFile({ id: 9, attachment: paper })])
        : { body: { ...first.body, page: { ...first.body.page, next_cursor: 'next' } } },
  });
  await show(<SharedWithMePage />, '/files');
  await screen.findByText('photo.png');
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  expect(await screen.findByText('invoice.pdf')).toBeInTheDocument();
});
