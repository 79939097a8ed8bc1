import { expect, test } from 'vitest';
import { type LiveEvent, parseLive, sumUp } from './events';

const about = (id: number, event = 'TicketAssigned') =>
  JSON.stringify({ event, ticket_id: id, ticket_number: `TKT-${id}`, at: '…' });
const heard = (kind: string, id: number, event?: string) =>
  parseLive(kind, about(id, event)) as LiveEvent;

test('several events of one ticket ask for it once', () => {
  expect(sumUp([heard('ticket', 7), heard('message', 7), heard('ticket', 7)])).toEqual([
    { id: 7, number: 'TKT-7', isNew: false, hidden: false, said: true },
  ]);
});

test.each(['AttachmentAdded', 'AttachmentScanned', 'AttachmentInfected', 'AttachmentRemoved'])(
  'after %s the conversation is another one',
  (event) => {
    expect(sumUp([heard('ticket', 7, event)])).toMatchObject([{ id: 7, said: true }]);
    expect(heard('hidden', 7, event).kind).toBe('hidden');
  },
);

test('a new ticket is known to be new, so that it can be counted', () => {
  const [news] = sumUp([heard('ticket', 7, 'TicketCreated'), heard('ticket', 7)]) as never[];
  expect(news).toMatchObject({ isNew: true, said: false });
});

test('the last word decides whether a ticket is out of sight', () => {
  expect(sumUp([heard('hidden', 7), heard('ticket', 7)])).toMatchObject([{ hidden: false }]);
  expect(sumUp([heard('ticket', 7), heard('hidden', 7)])).toMatchObject([{ hidden: true }]);
});

test('a lost thread and a bulk change load everything again', () => {
  expect(sumUp([heard('ticket', 1), heard('resync', 0)])).toBe('all');
  expect(sumUp([1, 2, 3, 4, 5, 6].map((id) => heard('ticket', id)))).toHaveLength(6);
  expect(sumUp([1, 2, 3, 4, 5, 6, 7].map((id) => heard('ticket', id)))).toBe('all');
});

test('a kind of a later version is left alone, and an unreadable line is taken for a resync', () => {
  expect(parseLive('weather', about(7))).toBeNull();
  expect(parseLive(undefined, about(7))).toBeNull();
  expect(parseLive('ticket', '{')?.kind).toBe('resync');
  expect(sumUp([parseLive('ticket', '{}') as LiveEvent])).toBe('all');
});
