import { expect, test } from 'vitest';
import { anAttachment } from '~/testing/files';
import { isOpen, kindOf, picturesOf } from './kind';

test.each([
  ['photo.JPG', 'image'],
  ['scan.pdf', 'pdf'],
  ['all.zip', 'archive'],
  ['table.csv', 'other'],
  ['README', 'other'],
])('%s is drawn as %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

test('only what was checked can be had', () => {
  const open = (['pending', 'clean', 'infected', 'skipped'] as const).filter((scan_status) =>
    isOpen(anAttachment({ scan_status })),
  );
  expect(open).toEqual(['clean', 'skipped']);
});

test('what browsers show is looked at, the rest is saved', () => {
  const files = [
    anAttachment({ id: 1 }),
    anAttachment({ id: 2, mime_type: 'application/pdf' }),
    anAttachment({ id: 3, mime_type: 'image/heic' }),
    anAttachment({ id: 4, mime_type: 'image/svg+xml' }),
    anAttachment({ id: 5, scan_status: 'pending' }),
    anAttachment({ id: 6, mime_type: 'image/webp' }),
  ];
  expect(picturesOf(files).map(({ id }) => id)).toEqual([1, 6]);
});
