import { expect, test } from 'vitest';
import { acceptOf, carriesFiles, endingOf, freeName, judge, pastedFiles } from './accept';
import type { MediaCategory } from './types';

const category = (change: Partial<MediaCategory>): MediaCategory => ({
  id: 1,
  name: 'images',
  extensions: ['jpg', 'png'],
  max_bytes: 5000,
  previews: true,
  staff_only: false,
  enabled: true,
  ...change,
});
const all = [
  category({}),
  category({ id: 2, name: 'scans', extensions: ['png'], max_bytes: 9000 }),
  category({ id: 3, name: 'films', extensions: ['mp4'], enabled: false }),
];

test.each([
  ['photo.jpg', 5000, null],
  ['PHOTO.JPG', 10, null],
  ['photo.jpg', 5001, { code: 'long', most: 5000 }],
  ['scan.png', 9000, null],
  ['scan.png', 9001, { code: 'long', most: 9000 }],
  ['film.mp4', 10, { code: 'type', ending: 'mp4' }],
  ['program.exe', 10, { code: 'type', ending: 'exe' }],
  ['README', 10, { code: 'type', ending: '' }],
  ['.png', 10, { code: 'type', ending: '' }],
  ['photo.jpg', 0, { code: 'empty' }],
])('%s of %i bytes is judged by its ending and its length', (name, size, wrong) => {
  expect(judge({ name, size }, all)).toEqual(wrong);
});

test('where it is not known what is taken, the server decides, but nothing is nothing', () => {
  expect(judge({ name: 'program.exe', size: 10 }, undefined)).toBeNull();
  expect(judge({ name: 'photo.jpg', size: 0 }, undefined)).toEqual({ code: 'empty' });
});

test('a file dialog offers what is taken, and everything where that is not known', () => {
  expect(acceptOf(all)).toBe('.jpg,.png,.png');
  expect(acceptOf(undefined)).toBeUndefined();
  expect(acceptOf([])).toBeUndefined();
});

test('an ending is what stands behind the last point', () => {
  expect(['a.tar.GZ', 'a', '.profile', 'a.'].map(endingOf)).toEqual(['gz', '', '', '']);
});

test('pictures that are called the same get numbers', () => {
  expect(freeName('image.png', [])).toBe('image.png');
  expect(freeName('image.png', ['image.png'])).toBe('image-2.png');
  expect(freeName('image.png', ['image.png', 'image-2.png'])).toBe('image-3.png');
  expect(freeName('notes', ['notes'])).toBe('notes-2');
});

/** What is dragged or pasted. */
const transfer = (files: File[], text = '') =>
  ({ files, types: files.length > 0 ? ['Files'] : [], getData: () => text }) as never;

test('files are taken out of what is pasted, unless it has words', () => {
  const picture = new File(['x'], 'image.png');
  expect(pastedFiles(transfer([picture]))).toEqual([picture]);
  expect(pastedFiles(transfer([picture], 'a table'))).toEqual([]);
  expect(pastedFiles(transfer([], 'words'))).toEqual([]);
});

test('words that are dragged are no files', () => {
  expect(carriesFiles(transfer([new File(['x'], 'a.png')]))).toBe(true);
  expect(carriesFiles(transfer([]))).toBe(false);
  expect(carriesFiles(null)).toBe(false);
});
