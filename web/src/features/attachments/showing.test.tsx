import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { answer, page, problem } from '~/testing/api';
import { anAttachment } from '~/testing/files';
import { aMessage, aTicket, chloe, lea, loginOf, tom } from '~/testing/people';
import { show } from '~/testing/show';
import { type Perspective, Thread } from '../messages/Thread';
import { welcome } from '../session/session';
import { Files } from './Files';
import { OwnFiles } from './OwnFiles';
import { TicketFiles } from './TicketFiles';
import type { Attachment } from './types';
import { mayRemove } from './useRemove';

const FILES = 'GET /api/v1/tickets/7/attachments';
const one = (id: number) => `GET /api/v1/attachments/${id}`;
const ticket = aTicket({ status: 'in_progress' });
const paper = anAttachment({
  id: 52,
  original_name: 'invoice.pdf',
  mime_type: 'application/pdf',
  preview: 'none',
  preview_url: null,
});
const addressed = (file: Attachment) => ({
  body: { ...file, url: `/api/v1/files/${file.id}?link=now` },
});
/** What was saved: from where, and under which name. */
function saved(): [string | null, string][] {
  const links: [string | null, string][] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    links.push([this.getAttribute('href'), this.download]);
  });
  return links;
}

beforeEach(() => welcome(loginOf(lea)));

test('a picture with a preview is shown by it, a paper by its name and length', async () => {
  await show(<Files ticket={ticket} files={[anAttachment(), paper]} />);
  const list = screen.getByRole('list', { name: '2 files' });
  const small = within(list).getByRole('img', { name: 'photo.png' });
  expect(small).toHaveAttribute('src', '/api/v1/files/51/preview?link=x');
  expect(within(list).getByRole('button', { name: 'invoice.pdf 2 kB' })).toBeEnabled();
});

test('what is being checked and what was infected cannot be had, and says so', async () => {
  const files = [
    anAttachment({ scan_status: 'pending' }),
    anAttachment({ id: 52, original_name: 'bad.zip', scan_status: 'infected' }),
  ];
  await show(<Files ticket={ticket} files={files} />);
  expect(screen.queryByRole('img')).toBeNull();
  expect(screen.getByRole('button', { name: /photo\.png being checked/ })).toBeDisabled();
  expect(
    screen.getByRole('button', { name: /bad\.zip malware was found.*removed/ }),
  ).toBeDisabled();
  expect(screen.queryByRole('button', { name: /^What to do/ })).toBeNull();
});

test('what is no picture is saved, from an address that was signed just now', async () => {
  const links = saved();
  answer({ [one(52)]: addressed(paper) });
  await show(<Files ticket={ticket} files={[paper]} />);
  await userEvent.click(screen.getByRole('button', { name: 'invoice.pdf 2 kB' }));
  await waitFor(() => expect(links).toEqual([['/api/v1/files/52?link=now', 'invoice.pdf']]));
});

test('a file that is gone meanwhile says why it is not saved', async () => {
  answer({ [one(52)]: { body: { ...paper, scan_status: 'infected', url: null } } });
  await show(<Files ticket={ticket} files={[paper]} />);
  await userEvent.click(screen.getByRole('button', { name: 'invoice.pdf 2 kB' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('invoice.pdf could not be downloaded');
  expect(alert).toHaveTextContent('malware was found in it');
});

test('pictures are looked at one after the other, with the arrow keys and without', async () => {
  const links = saved();
  const files = [
    anAttachment(),
    paper,
    anAttachment({ id: 53, original_name: 'second.png' }),
    anAttachment({ id: 54, original_name: 'checked.png', scan_status: 'pending' }),
  ];
  answer(Object.fromEntries(files.map((file) => [one(file.id), addressed(file)])));
  await show(<Files ticket={ticket} files={files} />);
  const opener = screen.getByRole('button', { name: /^photo\.png/ });
  await userEvent.click(opener);
  const box = await screen.findByRole('dialog', { name: 'photo.png' });
  expect(box).toHaveTextContent('1 of 2');
  expect(await within(box).findByRole('img', { name: 'photo.png' })).toHaveAttribute(
    'src',
    '/api/v1/files/51?link=now',
  );
  await userEvent.keyboard('{ArrowRight}');
  expect(await screen.findByRole('dialog', { name: 'second.png' })).toHaveTextContent('2 of 2');
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.getByRole('dialog', { name: 'second.png' })).toBeInTheDocument();
  await userEvent.click(within(box).getByRole('button', { name: 'Previous picture' }));
  expect(await screen.findByRole('dialog', { name: 'photo.png' })).toBeInTheDocument();
  await userEvent.click(within(box).getByRole('button', { name: 'Download' }));
  await waitFor(() => expect(links).toEqual([['/api/v1/files/51?link=now', 'photo.png']]));
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a picture that cannot be shown says why, and is asked for again', async () => {
  let works = false;
  answer({ [one(51)]: () => (works ? addressed(anAttachment()) : problem(403, 'forbidden')) });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  await userEvent.click(screen.getByRole('button', { name: /^photo\.png/ }));
  expect(await screen.findByRole('alert')).toHaveTextContent('You are not allowed to do this.');
  works = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  const box = screen.getByRole('dialog');
  expect(await within(box).findByRole('img', { name: 'photo.png' })).toBeInTheDocument();
});

test('a small picture whose address has run out is asked for once more, and then is a sign', async () => {
  const fresh = { ...anAttachment(), preview_url: '/fresh' };
  const asked = answer({ [one(51)]: { body: fresh } });
  await show(<Files ticket={ticket} files={[anAttachment()]} />);
  fireEvent.error(screen.getByRole('img'));
  await waitFor(() => expect(screen.getByRole('img')).toHaveAttribute('src', '/fresh'));
  fireEvent.error(screen.getByRole('img'));
  await waitFor(() => expect(screen.queryByRole('img')).toBeNull());
  expect(asked).toHaveLength(1);
});

test.each([
  ['their own', lea.id, 'agent', 'open', true],
  ['a colleague’s', tom.id, 'agent', 'open', false],
  ['a manager any', tom.id, 'manager', 'open', true],
  ['an admin any', chloe.id, 'admin', 'open', true],
  ['a customer the team’s', tom.id, 'customer', 'open', false],
  ['nobody of a closed ticket', lea.id, 'admin', 'closed', false],
] as const)('who may delete a file: %s', (_, uploaded_by, role, status, may) => {
  expect(mayRemove({ uploaded_by }, { id: lea.id, role }, { status })).toBe(may);
});

test('a file is deleted after a question that names it', async () => {
  const mine = anAttachment({ uploaded_by: lea.id });
  const asked = answer({ 'DELETE /api/v1/attachments/51': { status: 204 } });
  await show(<Files ticket={ticket} files={[mine]} />);
  await userEvent.click(screen.getByRole('button', { name: 'What to do with photo.png' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  const question = await screen.findByRole('dialog', { name: 'Delete photo.png?' });
  expect(asked).toHaveLength(0);
  await userEvent.click(within(question).getByRole('button', { name: 'Delete photo.png' }));
  await waitFor(() => expect(asked.map(({ method }) => method)).toEqual(['DELETE']));
});

test('a file that cannot be deleted says why', async () => {
  answer({ 'DELETE /api/v1/attachments/51': problem(409, 'ticket_closed') });
  await show(<Files ticket={ticket} files={[anAttachment({ uploaded_by: lea.id })]} />);
  await userEvent.click(screen.getByRole('button', { name: 'What to do with photo.png' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Delete photo.png' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('photo.png was not deleted');
  expect(alert).toHaveTextContent('This ticket is closed');
});

const perspective: Perspective = {
  speaker: ({ sender_name }) => ({ name: sender_name ?? 'Chloé Petit', person: null }),
  side: () => 'theirs',
  events: () => null,
};

test('files stand under their message, and those of the ticket under its description', async () => {
  const own = anAttachment({ id: 60, original_name: 'receipt.png', message_id: null });
  answer({
    'GET /api/v1/tickets/7/messages': page([aMessage({ attachments: [anAttachment()] })]),
    'GET /api/v1/tickets/7/history': page([]),
    [FILES]: page([own, anAttachment()]),
  });
  await show(<Thread ticket={ticket} perspective={perspective} />);
  await screen.findByRole('img', { name: 'photo.png' });
  await screen.findByRole('img', { name: 'receipt.png' });
  const [description, message] = screen.getAllByRole('article');
  expect(description).toHaveTextContent('receipt.png');
  expect(description).not.toHaveTextContent('photo.png');
  expect(message).toHaveTextContent('photo.png');
});

test('what waits for a message that is being written is no file of the ticket', async () => {
  const waits = anAttachment({ id: 61, message_id: null, awaits_message: true });
  const own = anAttachment({ id: 60, original_name: 'receipt.png', message_id: null });
  answer({ [FILES]: page([waits, own]) });
  await show(<OwnFiles ticket={ticket} />);
  expect(await screen.findByRole('list', { name: '1 file' })).toHaveTextContent('receipt.png');
});

test('the panel lists all files, leads to their messages, and says when there are none', async () => {
  const links = saved();
  let files: Attachment[] = [];
  const asked = answer({ [FILES]: () => page(files), [one(52)]: addressed(paper) });
  const client = await show(
    <>
      <TicketFiles ticket={ticket} />
      <p id="message-31" tabIndex={-1}>
        The message
      </p>
    </>,
  );
  expect(await screen.findByText('No files yet.')).toBeInTheDocument();
  expect(asked[0]?.query.get('sort')).toBe('-created_at');
  files = [paper, anAttachment({ id: 60, original_name: 'receipt.png', message_id: null })];
  await client.invalidateQueries();
  await userEvent.click(await screen.findByRole('button', { name: 'invoice.pdf' }));
  await waitFor(() => expect(links).toHaveLength(1));
  await userEvent.click(screen.getByRole('button', { name: /^Go to the message/ }));
  expect(screen.getByText('The message')).toHaveFocus();
});

test('a picture of the panel is looked at as in the conversation', async () => {
  answer({ [FILES]: page([anAttachment()]), [one(51)]: addressed(anAttachment()) });
  await show(<TicketFiles ticket={ticket} />);
  const opener = await screen.findByRole('button', { name: 'photo.png' });
  await userEvent.click(opener);
  const box = await screen.findByRole('dialog', { name: 'photo.png' });
  expect(await within(box).findByRole('img', { name: 'photo.png' })).toBeInTheDocument();
});

test('a list of files that does not come is no empty list', async () => {
  answer({ [FILES]: problem(503, 'unavailable') });
  await show(<TicketFiles ticket={ticket} />);
  expect(await screen.findByRole('alert')).toHaveTextContent('busy or restarting');
  expect(screen.queryByText('No files yet.')).toBeNull();
});
