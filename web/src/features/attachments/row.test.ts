import { expect, test } from 'vitest';
import { ApiError } from '~/api/problem';
import { aFile, anAttachment } from '~/testing/files';
import { hindranceOf, isHeld, type Row, standingOf } from './row';

const row = (change: Partial<Row> = {}): Row => ({
  key: 'a',
  name: 'photo.png',
  size: 100,
  file: null,
  phase: 'there',
  sent: 100,
  problem: null,
  attachment: anAttachment(),
  ...change,
});
const refused = new ApiError(415, 'file_type_blocked', '', null);
const sending = row({ phase: 'sending', sent: 40, attachment: null });
const failed = row({ phase: 'failed', attachment: null, problem: refused });
const fault = new ApiError(500, 'internal', '', null);
const broken = row({ phase: 'failed', file: aFile(), attachment: null, problem: fault });
const pending = row({ attachment: anAttachment({ scan_status: 'pending' }) });
const infected = row({ attachment: anAttachment({ scan_status: 'infected' }) });

test.each<[string, Row[], boolean, unknown]>([
  ['without files', [], true, null],
  ['without files and words', [], false, null],
  ['with files that are there', [row(), pending], true, null],
  ['with files alone', [row()], false, { why: 'wordless', count: 1 }],
  ['with one on its way', [row(), sending], true, { why: 'underway', count: 1 }],
  [
    'with two that wait',
    [row({ phase: 'paused' }), row({ phase: 'waiting' })],
    true,
    { why: 'underway', count: 2 },
  ],
  ['with more than go with one', Array(22).fill(row()), true, { why: 'many', count: 2 }],
  ['with one that is refused for good', [sending, failed], true, { why: 'refused', count: 1 }],
  ['with one that failed', [failed, broken], true, { why: 'failed', count: 2 }],
  ['with an infected one', [failed, infected], true, { why: 'infected', count: 1 }],
])('a message %s is sent or says why not', (_, rows, hasWords, expected) => {
  expect(hindranceOf(rows, hasWords)).toEqual(expected);
});

test.each<[Row, string]>([
  [sending, 'sending'],
  [row({ phase: 'sending', sent: 100, attachment: null }), 'finishing'],
  [row({ phase: 'paused', sent: 100 }), 'paused'],
  [failed, 'failed'],
  [pending, 'checking'],
  [infected, 'infected'],
  [row(), 'ready'],
  [row({ attachment: anAttachment({ scan_status: 'skipped' }) }), 'ready'],
])('how it stands with a file is said in one word (%#)', (one, standing) => {
  expect(standingOf(one)).toBe(standing);
});

test('the page is held for what would be lost, not for what was refused', () => {
  expect([sending, row(), pending].every(isHeld)).toBe(true);
  const waits = row({ attachment: anAttachment({ message_id: null, awaits_message: true }) });
  expect([failed, infected, waits].some(isHeld)).toBe(false);
});
