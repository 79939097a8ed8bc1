import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { answer } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { nameUpload, remembered, unfinishedUploads } from './remembered';
import { forgetFiles } from './rows';
import { Unfinished } from './Unfinished';
import { useFiles } from './useFiles';

const URL = '/api/v1/uploads/u1';
const at = (offset: string) => ({ status: 200, headers: { 'Upload-Offset': offset } });
const named = { name: 'big.txt', size: 1000, person: lea.id, place: '7 reply' };

/** The place of a message after the page was loaded anew. */
function Place({ of = '7 reply' as const }: { of?: '7 reply' | '7 note' }) {
  return <Unfinished files={useFiles(of)} />;
}

beforeEach(async () => {
  welcome(loginOf(lea));
  localStorage.clear();
  sessionStorage.clear();
  nameUpload('f', named);
  await remembered.addUpload('f', { uploadUrl: URL } as never);
});

test('a file of which a part was sent says how much, and what goes on with it', async () => {
  answer({ [`HEAD ${URL}`]: at('340') });
  await show(<Place />);
  expect(await screen.findByText('34% were sent; choose it again to go on')).toBeInTheDocument();
  expect(screen.getByText('big.txt')).toBeInTheDocument();
});

test('a server that is still busy with it is asked again', async () => {
  let busy = true;
  answer({
    [`HEAD ${URL}`]: () => {
      const reply = busy ? { status: 423 } : at('340');
      busy = false;
      return reply;
    },
  });
  await show(<Place />);
  expect(await screen.findByText(/^34% were sent/, {}, { timeout: 4000 })).toBeInTheDocument();
});

test('one that is not wanted any more is ended at the server and forgotten', async () => {
  const asked = answer({ [`HEAD ${URL}`]: at('340'), [`DELETE ${URL}`]: { status: 204 } });
  await show(<Place />);
  await userEvent.click(await screen.findByRole('button', { name: 'Do not send big.txt' }));
  await waitFor(() => expect(screen.queryByText('big.txt')).toBeNull());
  expect(asked.at(-1)?.method).toBe('DELETE');
  expect(unfinishedUploads('7 reply', lea.id)).toEqual([]);
  expect(await remembered.findUploadsByFingerprint('f')).toEqual([]);
});

test.each([
  ['is over', 410, {}],
  ['is a file of the ticket already', 200, { 'Attachment-Id': '51' }],
])('one that %s is not shown, and forgotten', async (_, status, headers) => {
  const asked = answer({ [`HEAD ${URL}`]: { status, headers } });
  await show(<Place />);
  await waitFor(() => expect(asked).toHaveLength(1));
  await waitFor(() => expect(unfinishedUploads('7 reply', lea.id)).toEqual([]));
  expect(screen.queryByText('big.txt')).toBeNull();
});

test('those of a note, or of somebody else, are not shown with a reply', async () => {
  const asked = answer({});
  await show(<Place of="7 note" />);
  expect(unfinishedUploads('7 reply', 99)).toEqual([]);
  expect(asked).toEqual([]);
});

test('whoever signs out leaves no names behind', () => {
  forgetFiles();
  expect(sessionStorage).toHaveLength(0);
});
