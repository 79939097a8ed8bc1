import { expect, test } from 'vitest';
import { aView } from '~/testing/desk';
import { narrowingOf, queueOf, together, wordsOfNarrowing } from './narrowing';
import { savable } from './savable';

test('an address that says nothing narrows nothing, and what it does not know is left out', () => {
  expect(queueOf({})).toEqual({});
  expect(queueOf({ view: 'all', status: '', from: 'TKT-1', limit: 3 })).toEqual({ view: 'all' });
});

test('a number in an address is a word', () => {
  expect(queueOf({ team: 4, q: 42, view: 12 })).toEqual({ view: '12', team: '4', q: '42' });
});

test('the order stands beside what narrows, and one that nobody knows is the usual one', () => {
  const search = queueOf({ sort: 'waiting', tag: 'vip' });
  expect(search).toEqual({ sort: 'waiting', tag: 'vip' });
  expect(narrowingOf(search)).toEqual({ tag: 'vip' });
  expect(queueOf({ sort: 'id' })).toEqual({});
});

test('requester, days and what is put aside are asked for as the server takes them', () => {
  const search = queueOf({
    user_id: 10,
    snoozed: false,
    created_from: '2026-11-01',
    created_to: '2026-11-30',
    order_id: 'CMD-1',
  });
  expect(wordsOfNarrowing(narrowingOf(search))).toEqual({
    user_id: 10,
    snoozed: false,
    created_from: new Date(2026, 10, 1).toISOString(),
    created_to: new Date(2026, 11, 1).toISOString(),
    order_id: 'CMD-1',
  });
});

test('what the server could not read is left out of the address', () => {
  const wrong = {
    user_id: 'me',
    snoozed: 'perhaps',
    created_from: 'yesterday',
    created_to: '2026',
  };
  expect(queueOf(wrong)).toEqual({});
});

test('two lists of words keep what both have', () => {
  expect(together({ status: 'open,closed' }, { status: 'closed', tag: 'vip' })).toEqual({
    status: 'closed',
    tag: 'vip',
  });
});

test('a view is saved in words: those of the one that is shown, narrowed further', () => {
  expect(savable('mine', null, { priority: 'urgent' })).toEqual({
    assigned_to: 'me',
    status: 'open,in_progress,waiting_customer',
    snoozed: false,
    priority: 'urgent',
  });
  expect(savable('snoozed', null, {})).toEqual({ snoozed: true });
  expect(savable('5', aView({ filter: { tag: 'vip' } }), { team: '4' })).toEqual({
    tag: 'vip',
    team: '4',
  });
});

test('a view that is not known is not saved', () => {
  expect(savable('5', null, {})).toBeNull();
});
