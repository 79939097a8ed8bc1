import { expect, test } from 'vitest';
import { hashOf, sha256Of } from './digest';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test.each([
  ['nothing', '', null],
  ['too few digits', ABC.slice(1), null],
  ['too many digits', `${ABC}0`, null],
  ['a letter that is no digit', `g${ABC.slice(1)}`, null],
  ['large letters', ABC.toUpperCase(), ABC],
  ['a copied line', ` ${ABC}\n`, ABC],
])('%s is a hash, or is none', (_, typed, hash) => {
  expect(hashOf(typed)).toBe(hash);
});

test('the hash of a file is the one that everybody computes (FIPS 180-2, B.1)', async () => {
  expect(await sha256Of(new Blob(['abc']))).toBe(ABC);
});
