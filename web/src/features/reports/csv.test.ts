import { expect, test } from 'vitest';
import { csvOf } from './csv';

test('names that look like formulas are texts, and numbers stay numbers', () => {
  const names = [
    '=1+1',
    '+49',
    '-2',
    '@here',
    '\tx',
    '\rx',
    '\0x',
    'a=b',
    'Léa, "Lee"',
    'two\nlines',
    'x;=1',
    'x,"=1"',
    'x\n@y',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    'x;＝1',
    'a＝b',
  ];
  expect(csvOf([names])).toBe(
    `'=1+1,'+49,'-2,'@here,"'\tx","'\rx",'\0x,a=b,"Léa, ""Lee""","two\nlines","x;'=1","x,""'=1""","x\n'@y",'＝1,'＋1,'－1,'＠x,"x;'＝1",a＝b\r\n`,
  );
  expect(csvOf([['a', -5, 0.25, null, undefined, '']])).toBe('a,-5,0.25,,,\r\n');
  expect(csvOf([])).toBe('');
});
