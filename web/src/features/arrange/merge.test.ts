import { expect, test } from 'vitest';
import { clashes, merged } from './merge';

const before = { name: 'Returns', labels: { fr: 'Retours', en: 'Returns' }, skills: ['wood'] };

test('others’ changes show, one’s own stay, in parts of parts too', () => {
  const typed = { ...before, labels: { ...before.labels, en: 'Sent back' } };
  const server = { name: 'Repairs', labels: { fr: 'Renvois', en: 'Returns' }, skills: [] };
  expect(merged(before, typed, server)).toEqual({
    name: 'Repairs',
    labels: { fr: 'Renvois', en: 'Sent back' },
    skills: [],
  });
});

test('what one has taken away stays away, and what another has added is there', () => {
  type Members = Record<number, string[]>;
  const [was, typed, server]: [Members, Members, Members] = [
    { 2: [], 3: [] },
    { 2: [] },
    { 2: [], 3: [], 4: ['paint'] },
  ];
  expect(merged(was, typed, server)).toEqual({ 2: [], 4: ['paint'] });
  expect(clashes(was, typed, server)).toBe(false);
});

test.each([
  ['nothing typed', before, { ...before, name: 'Repairs' }, false],
  ['another part', { ...before, skills: [] }, { ...before, name: 'Repairs' }, false],
  ['the same to the same', { ...before, name: 'New' }, { ...before, name: 'New' }, false],
  ['the same to something else', { ...before, name: 'New' }, { ...before, name: 'Old' }, true],
  [
    'the same part of a part',
    { ...before, labels: { ...before.labels, en: 'A' } },
    { ...before, labels: { ...before.labels, en: 'B' } },
    true,
  ],
])('two who change %s: %#', (_, typed, server, clash) => {
  expect(clashes(before, typed, server)).toBe(clash);
});
