import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { aFile, anAttachment } from '~/testing/files';
import { aMessage, aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { Composer } from '../messages/Composer';
import { forgetDrafts } from '../messages/drafts';
import { ReplyBox } from '../portal/ReplyBox';
import { welcome } from '../session/session';
import { changeRow, forgetFiles, putRow } from './rows';
import { TicketFiles } from './TicketFiles';

const FILES = 'GET /api/v1/tickets/7/attachments';
const DRAFT = 'GET /api/v1/tickets/7/draft';
const SEND = 'POST /api/v1/tickets/7/messages';
const DELETE = 'DELETE /api/v1/attachments/61';
const ticket = aTicket({ status: 'in_progress', assigned_to: lea.id, assignee: lea });
const waits = anAttachment({
  id: 61,
  message_id: null,
  awaits_message: true,
  uploaded_by: lea.id,
  original_name: 'begun.png',
});
const receipt = anAttachment({ id: 60, original_name: 'receipt.png', message_id: null });
const enclosed = () => screen.findByRole('list', { name: 'Files of this message' });
const send = () => screen.getByRole('button', { name: 'Send' });
const sentIn = (asked: ReturnType<typeof answer>) =>
  asked.find(({ method }) => method === 'POST')?.body;

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
  forgetFiles();
});

test('a file that waited for its message is back after a reload, and goes with the next one', async () => {
  const asked = answer({
    [FILES]: page([waits, receipt]),
    [SEND]: { status: 201, body: aMessage() },
  });
  await show(<Composer ticket={ticket} />);
  expect(await enclosed()).toHaveTextContent('begun.png');
  expect(await enclosed()).toHaveTextContent('ready');
  expect(screen.queryByText('receipt.png')).toBeNull();
  expect(send()).toHaveAccessibleDescription('Write a word about the file.');
  await userEvent.type(screen.getByLabelText('Reply to Chloé'), 'Here it is');
  await userEvent.click(send());
  await waitFor(() =>
    expect(sentIn(asked)).toEqual({
      message: 'Here it is',
      is_internal: false,
      attachment_ids: [61],
    }),
  );
  // The list may still say that it waits: it is not sent twice.
  expect(screen.queryByText('begun.png')).toBeNull();
});

test('what came back is deleted by removing its row, and does not come back again', async () => {
  const asked = answer({ [FILES]: page([waits]), [DELETE]: { status: 204 } });
  const client = await show(<Composer ticket={ticket} />);
  await userEvent.click(within(await enclosed()).getByRole('button', { name: 'Delete begun.png' }));
  await waitFor(() => expect(asked.map(({ method }) => method)).toContain('DELETE'));
  await act(() => client.invalidateQueries());
  expect(screen.queryByText('begun.png')).toBeNull();
});

test('what could not be deleted stands there again', async () => {
  answer({ [FILES]: page([waits]), [DELETE]: problem(503, 'unavailable') });
  await show(<Composer ticket={ticket} />);
  await userEvent.click(within(await enclosed()).getByRole('button', { name: 'Delete begun.png' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('begun.png was not deleted');
  expect(await enclosed()).toHaveTextContent('begun.png');
});

test('files are back where somebody was writing: in the note that was begun', async () => {
  let tell = (_: unknown) => {};
  const begun = new Promise((resolve) => {
    tell = resolve;
  });
  const asked = answer({
    [FILES]: page([waits]),
    [DRAFT]: async () => {
      await begun;
      return { body: { reply: null, note: { message: 'For us' } } };
    },
  });
  await show(<Composer ticket={ticket} />);
  await waitFor(() => expect(asked.length).toBeGreaterThan(1));
  expect(screen.queryByText('begun.png')).toBeNull();
  await act(async () => tell(null));
  expect(await screen.findByLabelText('Internal note')).toHaveValue('For us');
  expect(await enclosed()).toHaveTextContent('begun.png');
  await userEvent.click(screen.getByRole('radio', { name: 'Reply' }));
  expect(screen.queryByText('begun.png')).toBeNull();
});

test('what is on its way from here is not there twice when the list already has it', async () => {
  answer({ [FILES]: page([waits]) });
  const row = { key: 'a', name: 'begun.png', size: 2048, sent: 2048, problem: null };
  putRow('7 reply', { ...row, file: aFile('begun.png'), phase: 'sending', attachment: null });
  const client = await show(<Composer ticket={ticket} />);
  await waitFor(() =>
    expect(client.getQueryData(['tickets', 'messages', 7, 'files'])).toBeDefined(),
  );
  await act(async () => changeRow('7 reply', 'a', { phase: 'there', attachment: waits }));
  expect(within(await enclosed()).getAllByRole('listitem')).toHaveLength(1);
});

test('what was sent in another window is no longer to be sent here', async () => {
  let files = [waits];
  answer({ [FILES]: () => page(files) });
  const client = await show(<Composer ticket={ticket} />);
  expect(await enclosed()).toHaveTextContent('begun.png');
  files = [{ ...waits, message_id: 31, awaits_message: false }];
  await act(() => client.invalidateQueries());
  await waitFor(() => expect(screen.queryByText('begun.png')).toBeNull());
});

test('a file that was being checked when the page was left is looked after', async () => {
  const pending = { ...waits, scan_status: 'pending' as const };
  answer({ [FILES]: page([pending]), 'GET /api/v1/attachments/61': { body: waits } });
  await show(<Composer ticket={ticket} />);
  await waitFor(async () => expect(await enclosed()).toHaveTextContent('ready'));
});

test('a customer finds their file again, and nobody else’s', async () => {
  welcome(loginOf(chloe, 'customer'));
  const theirs = { ...waits, id: 62, uploaded_by: chloe.id, original_name: 'mine.png' };
  const asked = answer({
    [FILES]: page([waits, theirs]),
    [SEND]: { status: 201, body: aMessage() },
  });
  await show(<ReplyBox ticket={aTicket({ status: 'in_progress' })} />);
  expect(await enclosed()).toHaveTextContent('mine.png');
  expect(screen.queryByText('begun.png')).toBeNull();
  await userEvent.type(screen.getByLabelText('Your message'), 'Here');
  await userEvent.click(send());
  await waitFor(() => expect(sentIn(asked)).toEqual({ message: 'Here', attachment_ids: [62] }));
});

test('what waits for its message does not stand among the files of the ticket', async () => {
  answer({ [FILES]: page([waits]) });
  await show(<TicketFiles ticket={ticket} />);
  expect(await screen.findByText('No files yet.')).toBeInTheDocument();
  cleanup();
  answer({ [FILES]: page([waits, receipt]) });
  await show(<TicketFiles ticket={ticket} />);
  expect(await screen.findByRole('button', { name: 'receipt.png' })).toBeInTheDocument();
  expect(screen.queryByText('begun.png')).toBeNull();
});
