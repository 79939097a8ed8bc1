import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { anAttachment } from '~/testing/files';
import { aVerdict } from '~/testing/media';
import { aTicket, chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { Files } from '../attachments/Files';
import { welcome } from '../session/session';

const JUDGE = 'POST /api/v1/moderation-hashes';
const paper = { original_name: 'offer.pdf', mime_type: 'application/pdf', preview_url: null };

/** Draws a file of a ticket for somebody, and opens what can be done with it. */
async function open(role: string, file = anAttachment()) {
  welcome(loginOf(role === 'customer' ? chloe : lea, role));
  await show(<Files ticket={aTicket()} files={[file]} />);
  await userEvent.click(screen.getByRole('button', { name: /^What to do with/ }));
  await screen.findByRole('menuitem', { name: 'Download' });
}
async function ask(): Promise<HTMLElement> {
  await userEvent.click(screen.getByRole('menuitem', { name: 'Refuse this content' }));
  return screen.findByRole('dialog', { name: /^Refuse the content of/ });
}
const refuse = (dialog: HTMLElement) =>
  userEvent.click(within(dialog).getByRole('button', { name: 'Refuse this content' }));

test.each([
  ['customer', false],
  ['agent', false],
  ['manager', true],
  ['admin', true],
])('a %s is offered to refuse a content: %s', async (role, may) => {
  await open(role);
  const item = screen.queryByRole('menuitem', { name: 'Refuse this content' });
  expect(item !== null).toBe(may);
});

test('what was judged already stays as it is, and that is said', async () => {
  answer({ [JUDGE]: problem(409, 'conflict') });
  await open('manager');
  const dialog = await ask();
  await refuse(dialog);
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('was judged already');
});

test('a reason that was typed is not lost by closing', async () => {
  answer({});
  await open('manager');
  const dialog = await ask();
  await userEvent.type(within(dialog).getByLabelText('Reason'), 'Spam');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  expect(await screen.findByRole('button', { name: 'Go on typing' })).toBeInTheDocument();
});

test('whoever thinks better of it goes on at the file, also the second time', async () => {
  answer({});
  await open('manager');
  for (const _ of [1, 2]) {
    const dialog = await ask();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const opener = screen.getByRole('button', { name: /^What to do with/ });
    await waitFor(() => expect(opener).toHaveFocus());
    await userEvent.click(opener);
    await screen.findByRole('menuitem', { name: 'Download' });
  }
});

test('a content is refused by its file, once it was said what that does', async () => {
  const asked = answer({ [JUDGE]: { status: 201, body: aVerdict() } });
  await open('manager');
  const dialog = await ask();
  expect(dialog).toHaveTextContent('Nobody can send this content again');
  expect(dialog).toHaveTextContent('taken away from all tickets');
  expect(dialog).toHaveTextContent('Pictures that look like it stay');
  expect(asked).toHaveLength(0);
  await userEvent.type(within(dialog).getByLabelText('Reason'), 'Spam');
  await refuse(dialog);
  expect(await screen.findByText(/is refused from now on/)).toHaveTextContent('photo.png');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    attachment_id: 51,
    status: 'rejected',
    note: 'Spam',
  });
});

test('of what is no picture nothing is said to look like it', async () => {
  answer({});
  await open('admin', anAttachment(paper));
  expect(await ask()).not.toHaveTextContent('look like it');
});
