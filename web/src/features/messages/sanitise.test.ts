// @vitest-environment jsdom
// The sanitiser needs a DOM that parses HTML exactly as browsers do.
import { expect, test } from 'vitest';
import { sanitise } from './sanitise';

test('formatting stays', () => {
  const html = '<p>Try <strong>this</strong>: <code>reset</code></p><ul><li>one</li></ul>';
  expect(sanitise(html)).toBe(html);
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<p onclick="alert(1)">x</p>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="data:text/html,x">x</a>',
  '<iframe src="https://evil.example"></iframe>',
  '<style>body{display:none}</style>',
  '<form action="/x"><input name="p"></form>',
  '<p style="position:fixed">x</p>',
])('nothing active is left of %s', (html) => {
  expect(sanitise(html)).not.toMatch(
    /script|onerror|onclick|javascript:|data:|iframe|<style|style=|<form|<input|<img/i,
  );
});

test('links open elsewhere and do not tell where they were', () => {
  expect(sanitise('<a href="https://example.org/">x</a>')).toBe(
    '<a href="https://example.org/" target="_blank" rel="noopener noreferrer nofollow">x</a>',
  );
});
