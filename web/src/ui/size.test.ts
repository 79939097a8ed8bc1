import { expect, test } from 'vitest';
import { sizeIn } from './size';

test.each([
  [0, '0 bytes', '0 o'],
  [1, '1 byte', '1 o'],
  [549, '549 bytes', '549 o'],
  [1536, '1.5 kB', '1,5 ko'],
  [2_097_152, '2 MB', '2 Mo'],
  [104_857_600, '100 MB', '100 Mo'],
  [10_737_418_240, '10 GB', '10 Go'],
])('%d bytes are said in the units in which they are bounded', (bytes, english, french) => {
  expect(sizeIn(bytes, 'en')).toBe(english);
  expect(sizeIn(bytes, 'fr').replace(/\s/g, ' ')).toBe(french);
});
