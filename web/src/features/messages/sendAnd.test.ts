import { expect, test } from 'vitest';
import { thenChoices } from './sendAnd';

test('a reply to an open ticket can take it, and then let it wait or resolve it', () => {
  expect(thenChoices({ status: 'open', allowed_transitions: ['closed'] })).toEqual([
    'take',
    'wait',
    'resolve',
  ]);
});

test('otherwise a reply can do what the server allows', () => {
  const choices = (allowed: ('waiting_customer' | 'resolved')[]) =>
    thenChoices({ status: 'in_progress', allowed_transitions: allowed });
  expect(choices(['waiting_customer', 'resolved'])).toEqual(['wait', 'resolve']);
  expect(choices(['resolved'])).toEqual(['resolve']);
  expect(choices([])).toEqual([]);
});
