import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldWords } from '../features/session/fields';
import app from './en/app.json';
import problems from './en/problems.json';

const design = readFileSync(`${import.meta.dirname}/../../../docs/api-design.md`, 'utf8');

/** Words in code, as `not_found`. */
const codesIn = (text: string) =>
  [...text.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code as string);

test('every code of a problem that the API names is said in words', () => {
  const rows = [...design.matchAll(/^\| \d{3}.*? \| (.*) \|$/gm)];
  const codes = rows.flatMap(([, said]) => codesIn(said as string));
  expect(codes).toContain('version_mismatch');
  const known = { errors: true, ...app.errors, ...problems.errors };
  expect(codes.filter((code) => !(code in known))).toEqual([]);
});

test('every code of a field that the API names is said in words', () => {
  const codes = codesIn(/ Codes:\s([^.]*)\./.exec(design)?.[1] ?? '');
  expect(codes).toContain('required');
  const t = ((key: string) => key) as unknown as Parameters<typeof fieldWords>[0];
  expect(codes.filter((code) => fieldWords(t, code) === null)).toEqual([]);
});
