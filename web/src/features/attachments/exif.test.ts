import { expect, test } from 'vitest';
import { cameraOf, exposureOf, takenAt } from './exif';

const exif = (more: object = {}) => ({ has_location: false, ...more });

test.each([
  [{}, null],
  [{ camera_make: 'Canon' }, 'Canon'],
  [{ camera_model: 'X100' }, 'X100'],
  [{ camera_make: 'FUJIFILM', camera_model: 'X100' }, 'FUJIFILM X100'],
  [{ camera_make: 'Canon', camera_model: 'Canon EOS R6' }, 'Canon EOS R6'],
])('a camera %j is called %s', (said, name) => {
  expect(cameraOf(exif(said))).toBe(name);
});

test.each([
  [{}, null],
  [
    { exposure_time: 0.008, f_number: 2.8, iso: 100, focal_length: 26.5 },
    '1/125 s · f/2.8 · ISO 100 · 26.5 mm',
  ],
  [{ exposure_time: 2.5 }, '2.5 s'],
  [{ iso: 3200 }, 'ISO 3200'],
])('an exposure %j reads %s', (said, words) => {
  expect(exposureOf(exif(said), 'en')).toBe(words);
});

test('the camera’s clock is shown as it was, and what is no time as it is written', () => {
  expect(takenAt(exif({ taken_at: '2026-03-02T09:05:00' }), 'en')).toMatch(/Mar 2, 2026.*9:05/);
  expect(takenAt(exif({ taken_at: 'unknown' }), 'en')).toBe('unknown');
  expect(takenAt(exif(), 'en')).toBeNull();
});
