import { expect, test } from 'vitest';
import { addressOf, siteOf } from '~/app/site';
import { lea, tom } from '~/testing/people';
import { matching } from './AssignMenu';
import { numberOf } from './FindTicket';
import { stepsOf } from './steps';
import { viewOf } from './views';

test('an open ticket is taken, or closed with a reason', () => {
  expect(stepsOf({ status: 'open', allowed_transitions: ['closed'] })).toEqual([
    { to: 'in_progress', by: 'taking' },
    { to: 'closed', by: 'reason' },
  ]);
});

test('a ticket in progress waits, is resolved, or is given back', () => {
  const allowed = ['waiting_customer', 'resolved'] as const;
  expect(stepsOf({ status: 'in_progress', allowed_transitions: [...allowed] })).toEqual([
    { to: 'waiting_customer', by: 'status' },
    { to: 'resolved', by: 'status' },
    { to: 'open', by: 'giving_back' },
  ]);
});

test('where the server allows nothing, nothing is offered', () => {
  expect(stepsOf({ status: 'waiting_customer', allowed_transitions: [] })).toEqual([]);
  expect(stepsOf({ status: 'closed', allowed_transitions: [] })).toEqual([]);
});

test('a colleague is found without accents, oneself stands first, then who has least to do', () => {
  const zoe = { ...tom, id: 4, firstname: 'Zoé', open_tickets: 0 };
  const ids = (search: string, me: number, assigned: number | null) =>
    matching([lea, tom, zoe], search, me, assigned).map(({ id }) => id);
  expect(ids('', lea.id, null)).toEqual([2, 4, 3]);
  expect(ids('zoe', lea.id, null)).toEqual([4]);
  expect(ids('', lea.id, lea.id)).toEqual([4, 3]);
  expect(ids('nobody', lea.id, null)).toEqual([]);
});

test.each(['TKT-4F2K', 'tkt-4f2k', '4f2k', '#4F2K', ' tkt4f2k '])('"%s" is a number', (typed) => {
  expect(numberOf(typed)).toBe('TKT-4F2K');
});

test('a mistyped view is the first one', () => {
  expect(viewOf('waiting')).toBe('waiting');
  expect(viewOf(12)).toBe('12');
  expect(viewOf('nonsense')).toBe('mine');
  expect(viewOf(undefined)).toBe('mine');
});

test('the host says at which of our sites one is', () => {
  expect(siteOf('app.localhost:8080')).toEqual({ kind: 'platform', domain: 'localhost:8080' });
  expect(siteOf('admin.localhost:8080')).toEqual({ kind: 'operator', domain: 'localhost:8080' });
  expect(siteOf('localhost')).toEqual({ kind: 'platform', domain: 'localhost' });
  const acme = siteOf('acme.help.example');
  expect(acme).toEqual({ kind: 'tenant', slug: 'acme', domain: 'help.example' });
  expect(addressOf('globex', acme)).toBe('globex.help.example');
});
