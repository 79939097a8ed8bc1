import { expect, test } from 'vitest';
import { broughtBack, insideOnly } from './next';

test.each([
  ['/', '/'],
  ['/tickets/TKT-1?view=all', '/tickets/TKT-1?view=all'],
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['https://evil.example', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s leads to %s', (next, inside) => {
  expect(insideOnly(next)).toBe(inside);
});

test.each([
  ['', { due: null, next: undefined }],
  [
    '#challenge=t0ken&next=%2Faccount',
    { due: { kind: 'challenge', token: 't0ken' }, next: '/account' },
  ],
  ['#enrolment=t0ken', { due: { kind: 'enrolment', token: 't0ken' }, next: undefined }],
  [
    '#challenge=t0ken&next=%2F%2Fevil',
    { due: { kind: 'challenge', token: 't0ken' }, next: undefined },
  ],
])('"%s" is what the organisation’s own sign-in brought', (hash, brought) => {
  expect(broughtBack(hash)).toEqual(brought);
});
