import { act, createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '~/api/problem';
import { answer, page, problem } from '~/testing/api';
import { aFile, anAttachment, pictures } from '~/testing/files';
import { aMessage, aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { Composer } from '../messages/Composer';
import { forgetDrafts } from '../messages/drafts';
import { NewTicket } from '../portal/NewTicket';
import { ReplyBox } from '../portal/ReplyBox';
import { welcome } from '../session/session';
import { DropZone } from './DropZone';
import { OwnFiles } from './OwnFiles';
import { forgetFiles, moveRows, putRow } from './rows';
import type { Hear, Wish } from './tus';
import { sendWaiting, useFiles } from './useFiles';

/** What is being sent, by the name of the file: the test plays the server. */
const lines = new Map<string, { hear: Hear; wish: Wish; cancelled: boolean }>();
vi.mock('./tus', () => ({
  sendFile: (wish: Wish, hear: Hear) => {
    const line = { hear, wish, cancelled: false };
    lines.set(wish.file.name, line);
    const cancel = async () => {
      line.cancelled = true;
    };
    return { stop: cancel, cancel };
  },
}));

const SEND = 'POST /api/v1/tickets/7/messages';
const CATEGORIES = 'GET /api/v1/media-categories';
const ONE = 'GET /api/v1/attachments/51';
const takes = { [CATEGORIES]: { body: { data: [pictures] } } };
const ticket = aTicket({ status: 'in_progress', assigned_to: lea.id, assignee: lea });
const waiting = anAttachment({ message_id: null, uploaded_by: lea.id });
const write = (words: string) => userEvent.type(screen.getByLabelText('Reply to Chloé'), words);
const chosen = () => document.querySelector<HTMLInputElement>('input[type=file]') as never;
const choose = (...files: File[]) => userEvent.upload(chosen(), files);
const send = () => screen.getByRole('button', { name: 'Send' });
const list = () => screen.findByRole('list', { name: 'Files of this message' });

/** The line on which a file of that name is sent, as soon as it is. */
async function lineOf(name = 'photo.png') {
  await waitFor(() => expect(lines.has(name)).toBe(true));
  return lines.get(name) as NonNullable<ReturnType<typeof lines.get>>;
}

/** Says something on it, and lets the page hear. */
const say = (work: () => void) => act(async () => work());

beforeEach(() => {
  welcome(loginOf(lea));
  forgetDrafts();
  forgetFiles();
  lines.clear();
});

test('a file is chosen, sent with progress, checked, and goes with the reply', async () => {
  let status: 'pending' | 'clean' = 'pending';
  const asked = answer({
    ...takes,
    [ONE]: () => ({ body: { ...waiting, scan_status: status } }),
    [SEND]: { status: 201, body: aMessage() },
  });
  await show(<Composer ticket={ticket} />);
  await write('Here it is');
  await choose(aFile());
  const { hear, wish } = await lineOf();
  expect(wish.metadata).toEqual({
    filename: 'photo.png',
    filetype: '',
    ticket_id: '7',
    awaits_message: 'true',
  });
  await say(() => hear.onSent(1024));
  expect(await list()).toHaveTextContent('50%');
  expect(screen.getByRole('progressbar', { name: /photo\.png/ })).toHaveAttribute(
    'aria-valuenow',
    '50',
  );
  expect(send()).toBeDisabled();
  expect(send()).toHaveAccessibleDescription('1 file is still on its way.');
  await say(() => hear.onDone(51));
  expect(await list()).toHaveTextContent('being checked');
  expect(send()).toBeEnabled();
  status = 'clean';
  await waitFor(async () => expect(await list()).toHaveTextContent('ready'));
  await userEvent.click(send());
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    message: 'Here it is',
    is_internal: false,
    attachment_ids: [51],
  });
  expect(screen.queryByText('photo.png')).toBeNull();
});

test('files of a message that could not be sent are back, with its words', async () => {
  answer({ ...takes, [ONE]: { body: waiting }, [SEND]: problem(503, 'unavailable') });
  await show(<Composer ticket={ticket} />);
  await write('Here it is');
  await choose(aFile());
  (await lineOf()).hear.onDone(51);
  await waitFor(() => expect(send()).toBeEnabled());
  await userEvent.click(send());
  await screen.findByRole('alert');
  expect(await list()).toHaveTextContent('photo.png');
  expect(screen.getByLabelText('Reply to Chloé')).toHaveValue('Here it is');
});

test('what is not taken says why before it is sent, and is in the way until it is deleted', async () => {
  answer(takes);
  await show(<Composer ticket={ticket} />);
  await write('Here');
  await userEvent.upload(chosen(), [aFile('virus.exe'), aFile('large.png', 5_242_881)], {
    applyAccept: false,
  });
  const files = await list();
  expect(files).toHaveTextContent('Files that end in .exe are not taken.');
  expect(files).toHaveTextContent('Too large: at most 5 MB.');
  expect(lines.size).toBe(0);
  expect(within(files).queryByRole('button', { name: 'Try again' })).toBeNull();
  expect(send()).toHaveAccessibleDescription('2 files cannot be sent: delete them.');
  await userEvent.click(screen.getByRole('button', { name: 'Delete virus.exe' }));
  await userEvent.click(screen.getByRole('button', { name: 'Delete large.png' }));
  expect(send()).toBeEnabled();
});

test('what the server takes is not known: it decides, and says why in words', async () => {
  answer({ [CATEGORIES]: problem(503, 'unavailable') });
  await show(<Composer ticket={ticket} />);
  await write('Here');
  await choose(aFile('virus.exe'));
  const { hear } = await lineOf('virus.exe');
  const quota = { limit: 'user_bytes', allowed: 1_073_741_824, used: 1_073_741_824 };
  await say(() => hear.onFail(new ApiError(413, 'quota_exceeded', '', null, [], null, quota)));
  expect(await list()).toHaveTextContent('You have sent as much as you may: 1 GB.');
  await say(() => hear.onFail(new ApiError(415, 'content_mismatch', '', null)));
  expect(await list()).toHaveTextContent('What is in the file is not what its name says.');
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  expect(send()).toHaveAccessibleDescription('1 file cannot be sent: delete it.');
});

test('a lost line is said, and what goes on by itself needs no button', async () => {
  answer(takes);
  await show(<Composer ticket={ticket} />);
  await choose(aFile());
  const { hear } = await lineOf();
  await say(() => hear.onWait());
  const files = await list();
  expect(files).toHaveTextContent('paused; goes on by itself');
  expect(within(files).queryByRole('button', { name: 'Try again' })).toBeNull();
  expect(screen.getByText(/^photo\.png: paused/)).toHaveAttribute('role', 'status');
  await say(() => hear.onSent(1500));
  expect(files).toHaveTextContent('73%');
});

test('sending is cancelled, and what is there is deleted', async () => {
  const asked = answer({
    ...takes,
    [ONE]: { body: waiting },
    'DELETE /api/v1/attachments/51': { status: 204 },
  });
  await show(<Composer ticket={ticket} />);
  await choose(aFile('slow.png'), aFile());
  (await lineOf()).hear.onDone(51);
  await userEvent.click(await screen.findByRole('button', { name: 'Do not send slow.png' }));
  await waitFor(() => expect(lines.get('slow.png')?.cancelled).toBe(true));
  await userEvent.click(await screen.findByRole('button', { name: 'Delete photo.png' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'DELETE')).toBe(true));
  expect(screen.queryByRole('list')).toBeNull();
});

test('an infected file is not sent', async () => {
  answer({ ...takes, [ONE]: { body: { ...waiting, scan_status: 'infected' } } });
  await show(<Composer ticket={ticket} />);
  await write('Here');
  await choose(aFile());
  (await lineOf()).hear.onDone(51);
  await waitFor(async () => expect(await list()).toHaveTextContent('malware was found'));
  expect(send()).toHaveAccessibleDescription('1 file is infected: delete it first.');
});

test('three files are sent at once, and the others wait for their turn', async () => {
  answer(takes);
  await show(<Composer ticket={ticket} />);
  await choose(...['a', 'b', 'c', 'd'].map((name) => aFile(`${name}.png`)));
  await lineOf('c.png');
  expect(lines.has('d.png')).toBe(false);
  expect(await list()).toHaveTextContent('waiting for its turn');
  await say(() => lines.get('a.png')?.hear.onFail(new ApiError(415, 'content_mismatch', '', null)));
  await lineOf('d.png');
});

test('files of a note are not those of the reply, and both are there for whoever comes back', async () => {
  answer(takes);
  await show(<Composer ticket={ticket} />);
  await choose(aFile('reply.png'));
  await lineOf('reply.png');
  await userEvent.click(screen.getByRole('radio', { name: 'Note' }));
  await choose(aFile('note.png'));
  await lineOf('note.png');
  expect(await list()).not.toHaveTextContent('reply.png');
  await userEvent.click(screen.getByRole('radio', { name: 'Reply' }));
  expect(await list()).toHaveTextContent('reply.png');
  const leaving = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(leaving);
  expect(leaving.defaultPrevented).toBe(true);
});

test('somebody else at this screen finds no files', async () => {
  answer(takes);
  await show(<Composer ticket={ticket} />);
  await choose(aFile());
  const line = await lineOf();
  await act(async () => welcome(loginOf({ ...lea, id: 99 })));
  expect(screen.queryByText('photo.png')).toBeNull();
  expect(line.cancelled).toBe(true);
});

test('a message that speaks of a file and has none is asked about, not lost', async () => {
  const asked = answer({ ...takes, [SEND]: { status: 201, body: aMessage() } });
  await show(<Composer ticket={ticket} />);
  await write('Voir la facture ci-jointe');
  await userEvent.click(send());
  const question = await screen.findByRole('dialog', { name: 'Send without a file?' });
  expect(question).toHaveTextContent('You wrote “ci-jointe”, but there is no file.');
  await userEvent.click(within(question).getByRole('button', { name: 'Back to the message' }));
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(send());
  await userEvent.click(await screen.findByRole('button', { name: 'Send without a file' }));
  await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
});

/** A pane on which something can be dropped, and what came of it. */
function Pane() {
  const files = useFiles('7 reply');
  return (
    <DropZone onFiles={(dropped) => void files.add(dropped)}>
      <p>Pane</p>
      <Composer ticket={ticket} />
    </DropZone>
  );
}

test('files are dropped anywhere on the conversation, and words are left alone', async () => {
  answer(takes);
  await show(<Pane />);
  const pane = screen.getByText('Pane');
  const dataTransfer = { files: [aFile()], types: ['Files'], dropEffect: 'none' };
  fireEvent.dragEnter(pane, { dataTransfer: { types: ['text/plain'], files: [] } });
  expect(screen.queryByText('Drop the files here')).toBeNull();
  fireEvent.dragEnter(pane, { dataTransfer });
  expect(screen.getByText('Drop the files here')).toBeInTheDocument();
  fireEvent.drop(pane, { dataTransfer });
  expect(screen.queryByText('Drop the files here')).toBeNull();
  await lineOf();
});

test('pictures are pasted, each under a name of its own; words are pasted as words', async () => {
  answer(takes);
  await show(<Pane />);
  const paste = (files: File[], text = '') => {
    const event = createEvent.paste(screen.getByLabelText('Reply to Chloé'), {
      clipboardData: { files, types: [], getData: () => text },
    });
    fireEvent(screen.getByLabelText('Reply to Chloé'), event);
    return event.defaultPrevented;
  };
  expect(paste([aFile('image.png')])).toBe(true);
  expect(paste([aFile('image.png', 10)])).toBe(true);
  expect(paste([aFile('table.png')], 'a table')).toBe(false);
  await lineOf('image.png');
  await lineOf('image-2.png');
  expect(lines.has('table.png')).toBe(false);
});

test('a customer sends a file with their words', async () => {
  welcome(loginOf(chloe, 'customer'));
  const asked = answer({
    ...takes,
    [ONE]: { body: waiting },
    [SEND]: { status: 201, body: aMessage() },
  });
  await show(<ReplyBox ticket={ticket} />);
  await choose(aFile());
  (await lineOf()).hear.onDone(51);
  await waitFor(() => expect(send()).toHaveAccessibleDescription('Write a word about the file.'));
  await userEvent.type(screen.getByLabelText('Your message'), 'Here it is');
  await userEvent.click(send());
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
      message: 'Here it is',
      attachment_ids: [51],
    }),
  );
});

test('files of a new ticket wait until it is opened, and belong to the ticket itself', async () => {
  welcome(loginOf(chloe, 'customer'));
  answer({ ...takes, 'POST /api/v1/tickets': { status: 201, body: aTicket() } });
  await show(<NewTicket />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'Printer on fire');
  await userEvent.type(screen.getByLabelText('Description'), 'It burns.');
  await choose(aFile(), aFile('second.png'));
  await userEvent.click(await screen.findByRole('button', { name: 'Delete second.png' }));
  expect(lines.size).toBe(0);
  await userEvent.click(screen.getByRole('button', { name: 'Send the ticket' }));
  const { wish } = await lineOf();
  expect(wish.metadata).toEqual({ filename: 'photo.png', filetype: '', ticket_id: '7' });
  expect(lines.has('second.png')).toBe(false);
});

test('a file of a new ticket that fails is tried again on the ticket’s page, and is one of it then', async () => {
  let files: unknown[] = [];
  answer({ ...takes, 'GET /api/v1/tickets/7/attachments': () => page(files) });
  const held = { key: 'a', name: 'photo.png', size: 2048, file: aFile(), sent: 0 };
  putRow('new own ', { ...held, phase: 'held', problem: null, attachment: null });
  moveRows('new own ', '7 own');
  sendWaiting();
  await show(<OwnFiles ticket={aTicket()} />);
  const first = await lineOf();
  await say(() => first.hear.onFail(new ApiError(500, 'internal', '', null)));
  expect(await list()).toHaveTextContent('Something went wrong on our side.');
  lines.clear();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  const { hear } = await lineOf();
  files = [anAttachment({ message_id: null })];
  await say(() => hear.onDone(51));
  expect(await screen.findByRole('list', { name: '1 file' })).toHaveTextContent('photo.png');
  await waitFor(() => expect(screen.queryByRole('list', { name: /of this message/ })).toBeNull());
});
