import { expect, test } from 'vitest';
import { aMediaCategory } from '~/testing/media';
import { areEndings, tidied, widerThan } from './endings';

test('endings are kept without dots and stars, in small letters, each once', () => {
  expect(tidied(['.PDF', '*.docx', ' pdf ', '', '.'])).toEqual(['pdf', 'docx']);
});

test.each([
  [['pdf', '7z'], true],
  [['tar.gz'], false],
  [['élan'], false],
  [['elevenchars'], false],
])('%j can be kept: %s', (endings, can) => {
  expect(areEndings(endings)).toBe(can);
});

const mine = { id: 1, extensions: ['jpg', 'png'], bytes: 100 };
test.each([
  ['itself', { id: 1, extensions: ['jpg'], max_bytes: 200 }],
  ['one that is switched off', { id: 2, extensions: ['jpg'], max_bytes: 200, enabled: false }],
  ['one of the same size', { id: 2, extensions: ['jpg'], max_bytes: 100 }],
  ['one of other endings', { id: 2, extensions: ['pdf'], max_bytes: 200 }],
])('a size counts beside %s', (_, other) => {
  expect(widerThan(mine, [aMediaCategory(other)])).toBeNull();
});

test('where several categories take more, the one that takes most is named', () => {
  const all = [
    aMediaCategory({ id: 2, name: 'large', extensions: ['png'], max_bytes: 200 }),
    aMediaCategory({ id: 3, name: 'huge', extensions: ['pdf', 'jpg'], max_bytes: 300 }),
  ];
  expect(widerThan(mine, all)).toEqual({ ending: 'jpg', name: 'huge', bytes: 300 });
});
