import { expect, test } from 'vitest';
import { languageOf } from '.';
import english from './en';
import doorEnglish from './en/door';
import moreEnglish from './en/more';
import operatorEnglish from './en/operator';
import french from './fr';
import doorFrench from './fr/door';
import moreFrench from './fr/more';
import operatorFrench from './fr/operator';

const en = { ...english, ...doorEnglish, ...moreEnglish, ...operatorEnglish };
const fr = { ...french, ...doorFrench, ...moreFrench, ...operatorFrench };

/** Every key with its placeholders, as `app.errors.rate_limited_for {{time}}`. */
function keysOf(words: object, before = ''): string[] {
  return Object.entries(words).flatMap(([key, value]) => {
    const path = before ? `${before}.${key}` : key;
    if (typeof value === 'object') return keysOf(value, path);
    const inside = (value as string).match(/\{\{\w+\}\}|<\/?\d>/g) ?? [];
    return [[path, ...inside.sort()].join(' ')];
  });
}

test('French and English say the same things with the same placeholders', () => {
  expect(keysOf(fr).sort()).toEqual(keysOf(en).sort());
});

test('no text was left empty', () => {
  for (const words of [en, fr]) expect(JSON.stringify(words)).not.toContain('""');
});

test('the first language that we speak is taken, English when we speak none', () => {
  expect(languageOf([null, 'fr-CA', 'en'])).toBe('fr');
  expect(languageOf(['de-DE', 'en-GB'])).toBe('en');
  expect(languageOf(['pt'])).toBe('en');
});
