import { describe, expect, it } from 'vitest';
import { type Clock, deadline, presses, type Sla, span } from './deadline';

const NOW = Date.parse('2026-11-20T12:00:00Z');

function clock(minutes: number | null, met = false): Clock {
  return {
    target_minutes: 100,
    due_at: minutes === null ? null : new Date(NOW + minutes * 60_000).toISOString(),
    met_at: met ? '2026-11-20T11:00:00Z' : null,
    state: 'running',
    remaining_seconds: minutes === null ? null : minutes * 60,
  };
}

describe('the deadline that presses', () => {
  it.each<[string, Omit<Sla, 'state'> | null, [string, number, boolean, boolean] | null]>([
    ['nothing is promised', null, null],
    [
      'the nearer one',
      { response: clock(50), resolution: clock(80) },
      ['response', 50, false, false],
    ],
    [
      'answered',
      { response: clock(50, true), resolution: clock(80) },
      ['resolution', 80, false, false],
    ],
    ['nearly', { response: clock(20), resolution: clock(80) }, ['response', 20, false, true]],
    ['late', { response: clock(-5), resolution: clock(80) }, ['response', -5, true, true]],
    [
      'late at this very moment',
      { response: clock(0), resolution: clock(80) },
      ['response', 0, true, true],
    ],
    ['it pauses', { response: clock(10, true), resolution: clock(null) }, null],
    ['all done', { response: clock(10, true), resolution: clock(10, true) }, null],
  ])('%s', (_, clocks, expected) => {
    const sla: Sla | null = clocks && { ...clocks, state: 'running' };
    const due = deadline(sla, NOW);
    expect(due && sla && [due.which, due.seconds / 60, due.late, presses(due, sla)]).toEqual(
      expected,
    );
  });

  it('is told in one unit', () => {
    expect([30, 45 * 60, -3 * 3600, 5 * 86_400].map((s) => span(s, 'en'))).toEqual([
      '1 min',
      '45 min',
      '3 hr',
      '5 days',
    ]);
  });
});
