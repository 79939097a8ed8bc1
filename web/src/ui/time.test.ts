import { afterEach, expect, test, vi } from 'vitest';
import { daysBetween, duration, relativeTime } from './time';

const NOW = Date.parse('2026-11-21T12:00:00Z');
afterEach(() => vi.unstubAllEnvs());

const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

test.each([
  [0, 'just now'],
  [59, 'just now'],
  [60, '1 min. ago'],
  [3599, '59 min. ago'],
  [3600, '1 hr. ago'],
  [86_400, 'yesterday'],
  [6 * 86_400, '6 days ago'],
  [8 * 86_400, 'Nov 13'],
  [400 * 86_400, 'Oct 17, 2025'],
])('%d seconds ago is "%s"', (seconds, words) => {
  expect(relativeTime(ago(seconds), NOW, 'en', 'just now')).toBe(words);
});

test('the same moments in French', () => {
  expect(relativeTime(ago(300), NOW, 'fr', 'à l’instant').replace(/\s/g, ' ')).toBe('il y a 5 min');
  expect(relativeTime(ago(86_400), NOW, 'fr', 'à l’instant')).toBe('hier');
});

// Paris goes to winter time on 25 October 2026 (that day has 25 hours) and to summer time on 29 March.
test.each([
  ['Europe/Paris', '2026-11-20T22:30:00Z', '2026-11-20T23:29:00Z', '59 min. ago'],
  ['Europe/Paris', '2026-11-20T22:30:00Z', '2026-11-20T23:30:00Z', 'yesterday'],
  ['Europe/Paris', '2026-11-20T23:30:00Z', '2026-11-21T22:30:00Z', '23 hr. ago'],
  ['Europe/Paris', '2026-11-20T05:00:00Z', '2026-11-21T22:00:00Z', 'yesterday'],
  ['Europe/Paris', '2026-11-19T22:30:00Z', '2026-11-21T00:00:00Z', '2 days ago'],
  ['Europe/Paris', '2026-10-24T22:15:00Z', '2026-10-25T22:45:00Z', '24 hr. ago'],
  ['Europe/Paris', '2026-10-24T21:45:00Z', '2026-10-25T22:45:00Z', 'yesterday'],
  ['Europe/Paris', '2026-10-25T12:00:00Z', '2026-10-25T23:15:00Z', 'yesterday'],
  ['Europe/Paris', '2026-03-28T22:45:00Z', '2026-03-29T21:45:00Z', 'yesterday'],
  ['Europe/Paris', '2026-03-28T22:45:00Z', '2026-03-29T22:15:00Z', '2 days ago'],
  ['Europe/Paris', '2026-12-31T22:30:00Z', '2026-12-31T23:45:00Z', 'yesterday'],
  ['Europe/Paris', '2026-12-27T12:00:00Z', '2027-01-02T12:00:00Z', '6 days ago'],
  ['Europe/Paris', '2026-12-26T12:00:00Z', '2027-01-02T12:00:00Z', 'Dec 26, 2026'],
  ['America/New_York', '2026-11-20T22:30:00Z', '2026-11-20T23:30:00Z', '1 hr. ago'],
  ['Pacific/Auckland', '2026-11-20T10:30:00Z', '2026-11-20T11:30:00Z', 'yesterday'],
])('in %s, %s seen at %s was "%s"', (place, at, now, words) => {
  vi.stubEnv('TZ', place);
  expect(relativeTime(at, Date.parse(now), 'en', 'just now')).toBe(words);
});

test('the day before a day of 25 hours is one day away, at any hour', () => {
  vi.stubEnv('TZ', 'Europe/Paris');
  const before = Date.parse('2026-10-24T12:00:00Z');
  for (const at of ['2026-10-24T22:01:00Z', '2026-10-25T11:00:00Z', '2026-10-25T22:59:00Z']) {
    expect(daysBetween(before, Date.parse(at))).toBe(1);
  }
});

test('a clock that is ahead of the server’s does not look into the future', () => {
  expect(relativeTime(ago(-90), NOW, 'en', 'just now')).toBe('just now');
});

test('a waiting time is rounded up, so that nobody tries too early', () => {
  expect(duration(42, 'en')).toBe('42 sec');
  expect(duration(601, 'en')).toBe('11 min');
});
