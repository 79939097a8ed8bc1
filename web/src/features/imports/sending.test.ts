import { expect, test } from 'vitest';
import { answer, problem } from '~/testing/api';
import { anImport } from '~/testing/imports';
import { sendFile } from './sending';

const PUT = 'PUT /api/v1/imports/7/file/0';
const begun = () => anImport({ state: 'uploading', file_size: 3, received: 0, columns: [] });
const tooFast = { ...problem(429, 'rate_limited'), headers: { 'retry-after': '0' } };

test('whoever sends too fast waits as they are told, however often', async () => {
  let refused = 0;
  answer({
    [PUT]: () => {
      refused += 1;
      return refused <= 8 ? tooFast : { body: anImport({ file_size: 3, received: 3 }) };
    },
  });
  const sent = await sendFile(new Blob(['a,b']), begun(), () => {}, new AbortController().signal);
  expect([sent.received, refused]).toEqual([3, 9]);
});

test('what is no matter of time ends it', async () => {
  const asked = answer({ [PUT]: problem(413, 'quota_exceeded') });
  const sending = sendFile(new Blob(['a,b']), begun(), () => {}, new AbortController().signal);
  await expect(sending).rejects.toThrow('quota_exceeded');
  expect(asked).toHaveLength(1);
});
