import { expect, test } from 'vitest';
import { aView } from '~/testing/desk';
import { queueOf, together } from './narrowing';
import { savable } from './savable';

test('an address that says nothing narrows nothing, and what it does not know is left out', () => {
  expect(queueOf({})).toEqual({});
  expect(queueOf({ view: 'all', status: '', from: 'TKT-1', limit: 3 })).toEqual({ view: 'all' });
});

test('a number in an address is a word', () => {
  expect(queueOf({ team: 4, q: 42, view: 12 })).toEqual({ view: '12', team: '4', q: '42' });
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
