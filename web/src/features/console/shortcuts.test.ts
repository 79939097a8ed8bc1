import { afterEach, expect, test } from 'vitest';
import { letLettersWork } from './letters';
import { commandOf } from './shortcuts';

/** The command of a key pressed inside some markup. */
function pressed(
  key: string,
  html = '<p id="at"></p>',
  init: KeyboardEventInit = {},
  afterG = false,
) {
  document.body.innerHTML = html;
  let command: string | null = null;
  document.body.addEventListener(
    'keydown',
    (event) => {
      command = commandOf(event, afterG);
    },
    { once: true },
  );
  const at = document.getElementById('at') ?? document.body;
  at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }));
  return command;
}

afterEach(() => {
  letLettersWork(true);
  document.body.innerHTML = '';
});

test.each([
  ['j', 'next'],
  ['J', 'next'],
  ['k', 'previous'],
  ['r', 'reply'],
  ['n', 'note'],
  ['a', 'assign'],
  ['s', 'status'],
  ['p', 'priority'],
  ['c', 'new'],
  ['/', 'find'],
  ['?', 'sheet'],
  ['x', 'select'],
  ['m', 'macro'],
  ['l', 'tags'],
  ['h', 'snooze'],
  ['g', null],
  ['y', null],
])('%s means %s', (key, command) => {
  expect(pressed(key)).toBe(command);
});

test.each([
  '<input id="at">',
  '<textarea id="at"></textarea>',
  '<div role="menu"><button id="at"></button></div>',
  '<div role="dialog"><p id="at"></p></div>',
])('letters typed into %s are letters', (html) => {
  expect(pressed('r', html)).toBeNull();
});

test('X with shift selects as far as here, and a ticked box takes no letters', () => {
  expect(pressed('X', undefined, { shiftKey: true })).toBe('select_range');
  expect(pressed('x', '<input id="at" type="checkbox">')).toBe('select');
});

test.each([
  ['i', 'go_mine'],
  ['u', 'go_unassigned'],
  ['a', 'go_all'],
  ['w', 'go_waiting'],
  ['h', 'go_snoozed'],
  ['l', 'go_breaching'],
  ['x', null],
])('G and then %s means %s', (key, command) => {
  expect(pressed(key, undefined, {}, true)).toBe(command);
});

test('keys of the browser are the browser’s', () => {
  expect(pressed('r', undefined, { ctrlKey: true })).toBeNull();
  expect(pressed('n', undefined, { metaKey: true })).toBeNull();
});

test('arrows move in the list and scroll everywhere else', () => {
  expect(pressed('ArrowDown')).toBeNull();
  expect(pressed('ArrowDown', '<div data-ticket-list><a id="at"></a></div>')).toBe('next');
});

test.each([
  ['Ctrl', { ctrlKey: true }],
  ['⌘', { metaKey: true }],
])('%s and K open the palette, also for whoever writes', (_, init) => {
  expect(pressed('k', undefined, init)).toBe('palette');
  expect(pressed('k', '<textarea id="at"></textarea>', init)).toBe('palette');
  expect(pressed('k', '<div role="dialog"><input id="at"></div>', init)).toBeNull();
  expect(pressed('k', undefined, { ...init, shiftKey: true })).toBeNull();
});

test('keys without Ctrl can be turned off; the palette, the arrows and Enter stay', () => {
  letLettersWork(false);
  for (const key of ['r', '?', '/']) expect(pressed(key)).toBeNull();
  expect(pressed('i', undefined, {}, true)).toBeNull();
  expect(pressed('k', undefined, { ctrlKey: true })).toBe('palette');
  expect(pressed('ArrowDown', '<div data-ticket-list><a id="at"></a></div>')).toBe('next');
  expect(localStorage.getItem('hd-letters'), 'it is kept on this device').toBe('off');
  letLettersWork(true);
  expect(pressed('r')).toBe('reply');
});
