import { expect, test } from 'vitest';
import { bodyOf, domainsOf, NOTHING, typedOf } from './provider';

test.each([
  ['', []],
  ['acme.test', ['acme.test']],
  ['Acme.test, @acme.example;acme.test', ['acme.test', 'acme.example']],
  [' a.test\n b.test ', ['a.test', 'b.test']],
])('the domains in "%s"', (typed, domains) => {
  expect(domainsOf(typed)).toEqual(domains);
});

test('a secret that was not typed is not sent, so that the old one stays', () => {
  expect(bodyOf(NOTHING)).not.toHaveProperty('client_secret');
  expect(bodyOf({ ...NOTHING, client_secret: 's' })).toHaveProperty('client_secret', 's');
});

test('what is set comes into the form, but never a secret', () => {
  const typed = typedOf({
    ...{ issuer: 'https://id.acme.test', client_id: 'desk', name: 'Acme', enabled: false },
    ...{ domains: ['acme.test', 'acme.example'], default_role: 'customer' },
  } as Parameters<typeof typedOf>[0]);
  expect(typed).toMatchObject({ domains: 'acme.test, acme.example', client_secret: '' });
  expect(typedOf(null)).toEqual(NOTHING);
});
