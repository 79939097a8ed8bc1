import { expect, test } from 'vitest';
import { duration, relativeTime } from './time';

const NOW = Date.parse('2026-11-21T12:00:00Z');
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

test('a clock that is ahead of the server’s does not look into the future', () => {
  expect(relativeTime(ago(-90), NOW, 'en', 'just now')).toBe('just now');
});

test('a waiting time is rounded up, so that nobody tries too early', () => {
  expect(duration(42, 'en')).toBe('42 sec');
  expect(duration(601, 'en')).toBe('11 min');
});
