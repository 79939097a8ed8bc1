import { beforeEach, expect, test, vi } from 'vitest';
import { fingerprintOf, remembered } from './remembered';

const upload = (uploadUrl: string) => ({ uploadUrl }) as never;
const addressOf = async (fingerprint: string) =>
  (await remembered.findUploadsByFingerprint(fingerprint))[0]?.uploadUrl;

beforeEach(() => localStorage.clear());

test('an upload is found again by what it is of, until it is forgotten', async () => {
  const key = await remembered.addUpload('a', upload('/api/v1/uploads/1'));
  await remembered.addUpload('b', upload('/api/v1/uploads/2'));
  expect(await addressOf('a')).toBe('/api/v1/uploads/1');
  expect(await addressOf('c')).toBeUndefined();
  await remembered.removeUpload(key);
  expect(await addressOf('a')).toBeUndefined();
  expect(await addressOf('b')).toBe('/api/v1/uploads/2');
});

test('what the server has forgotten after a day is forgotten here too', async () => {
  vi.useFakeTimers({ now: 0 });
  await remembered.addUpload('a', upload('/api/v1/uploads/1'));
  vi.setSystemTime(24 * 3_600_000 - 1);
  expect(await addressOf('a')).toBe('/api/v1/uploads/1');
  vi.setSystemTime(24 * 3_600_000);
  expect(await addressOf('a')).toBeUndefined();
  vi.useRealTimers();
});

test('what is kept is unreadable, or cannot be kept: the file is sent from its beginning', async () => {
  localStorage.setItem('hd-uploads', '{');
  expect(await addressOf('a')).toBeUndefined();
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new Error('full');
  });
  await remembered.addUpload('a', upload('/api/v1/uploads/1'));
});

test('the same file of another person, ticket or date is another one, and no name is kept', async () => {
  const of = (...parts: (string | number)[]) => fingerprintOf(parts);
  const mine = await of('acme', 2, 7, 'reply', 'photo.png', 10, 1);
  expect(await of('acme', 2, 7, 'reply', 'photo.png', 10, 1)).toBe(mine);
  for (const other of [
    await of('globex', 2, 7, 'reply', 'photo.png', 10, 1),
    await of('acme', 3, 7, 'reply', 'photo.png', 10, 1),
    await of('acme', 2, 8, 'reply', 'photo.png', 10, 1),
    await of('acme', 2, 7, 'note', 'photo.png', 10, 1),
    await of('acme', 2, 7, 'reply', 'photo.png', 10, 2),
  ]) {
    expect(other).not.toBe(mine);
  }
  expect(mine).toMatch(/^[0-9a-f]{64}$/);
});
