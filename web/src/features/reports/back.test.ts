import { expect, test } from 'vitest';
import { behindOf, reportBefore } from './back';
import { type ReportSearch, reportOf } from './search';

test.each<[ReportSearch, string]>([
  [{}, 'the start'],
  [{ report: 'agents', from: '2026-01-01', to: '2026-03-31', by: 'team' }, 'its own days'],
  [{ by: 'week' }, 'a division alone'],
])('from behind a number of %j one comes back to it: %s', (here) => {
  const number = { figure: 'resolved', from: '2026-02-01', to: '2026-02-07' } as const;
  const behind = reportOf(behindOf(here, number));
  expect(behind).toMatchObject(number);
  expect(reportBefore(behind)).toEqual(here);
});
