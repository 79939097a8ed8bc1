import { expect, test } from 'vitest';
import type { HistoryEntry } from '~/api/types';
import { aMessage } from '~/testing/people';
import { timeline } from './timeline';

const said = (id: number, at: string) => aMessage({ id, created_at: `2026-11-20T${at}Z` });
const event = (id: number, at: string): HistoryEntry => ({
  id,
  version: id,
  kind: 'status',
  from: 'open',
  to: 'in_progress',
  by: null,
  reason: null,
  created_at: `2026-11-20T${at}Z`,
});
const shape = (entries: ReturnType<typeof timeline>) =>
  entries.map((e) => (e.kind === 'message' ? `m${e.message.id}` : e.events.map((x) => x.id)));

test('messages and changes stand in the order in which they happened', () => {
  const entries = timeline(
    [said(2, '11:00:00'), said(1, '09:00:00')],
    [event(5, '10:00:00'), event(6, '10:00:30'), event(7, '12:00:00')],
  );
  expect(shape(entries)).toEqual(['m1', [5, 6], 'm2', [7]]);
});

test('what happened at the same moment keeps the order of its numbers', () => {
  expect(shape(timeline([said(9, '09:00:00'), said(8, '09:00:00')], []))).toEqual(['m8', 'm9']);
});

test('times of different precision are compared as times, not as text', () => {
  const entries = timeline([said(1, '09:00:00.5')], [event(2, '09:00:00')]);
  expect(shape(entries)).toEqual([[2], 'm1']);
});

test('nothing said and nothing happened is an empty conversation', () => {
  expect(timeline([], [])).toEqual([]);
});

test('what is said already is not said again', () => {
  const opened = { ...event(1, '08:00:00'), from: null, to: 'open' };
  const taken = { ...event(2, '09:00:00'), version: 2, kind: 'assignment', from: null, to: '2' };
  const began = { ...event(3, '09:00:00'), version: 2 };
  const waits = { ...event(4, '10:00:00'), version: 3, to: 'waiting_customer' };
  expect(shape(timeline([], [opened, taken, began, waits]))).toEqual([[2, 4]]);
});
