import { expect, test } from 'vitest';
import { divisionOf, lastDays, reportOf, todayIn } from './search';

test('an address is read as far as it makes sense', () => {
  expect(reportOf({})).toEqual({});
  expect(reportOf({ report: 'sla', from: '2026-03-01', to: 'tomorrow', by: 'colour' })).toEqual({
    report: 'sla',
    from: '2026-03-01',
  });
  // The router reads what looks like a number as one.
  expect(reportOf({ figure: 'resolved', group_by: 'agent', group: 7 })).toEqual({
    figure: 'resolved',
    group_by: 'agent',
    group: '7',
  });
  expect(reportOf({ figure: 'resolved', group_by: 'team', group: '' })).toEqual({
    figure: 'resolved',
    group_by: 'team',
    group: '',
  });
  expect(reportOf({ group: '7', figure: 'everything' })).toEqual({});
});

test('a report is divided by what it can be divided by', () => {
  expect(divisionOf('overview', 'week')).toBe('week');
  expect(divisionOf('overview', 'agent')).toBe('day');
  expect(divisionOf('sla', undefined)).toBe('priority');
});

test('days end on the organisation’s own today, also where a clock was set', () => {
  expect(lastDays(7, '2026-03-30')).toEqual({ from: '2026-03-24', to: '2026-03-30' });
  expect(lastDays(1, '2026-01-01')).toEqual({ from: '2026-01-01', to: '2026-01-01' });
  const midnight = new Date('2026-03-29T22:30:00Z');
  expect(todayIn('Europe/Paris', midnight)).toBe('2026-03-30');
  expect(todayIn('America/New_York', midnight)).toBe('2026-03-29');
});
