import { useEffect } from 'react';
import { type Command, give } from './commands';
import { lettersWork } from './letters';

/** By the letter that is typed, not the key's place: on an AZERTY keyboard A is where Q is elsewhere. */
export const SHORTCUTS: Record<string, Command> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  r: 'reply',
  n: 'note',
  a: 'assign',
  s: 'status',
  p: 'priority',
  c: 'new',
  x: 'select',
  m: 'macro',
  l: 'tags',
  h: 'snooze',
  '/': 'find',
  '?': 'sheet',
};

/** What a letter means after G. */
export const PLACES: Record<string, Command> = {
  i: 'go_mine',
  u: 'go_unassigned',
  a: 'go_all',
  w: 'go_waiting',
  h: 'go_snoozed',
  l: 'go_breaching',
};

/** For so long the second letter of two is waited for. */
const SECOND_MS = 1500;

/** The command of a key press; null while somebody types, or when the browser or a menu wants the key. */
export function commandOf(event: KeyboardEvent, afterG = false): Command | null {
  if (isForPalette(event)) return 'palette';
  if (isOthers(event) || (event.key.length === 1 && !lettersWork())) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (afterG) return PLACES[key] ?? null;
  if (key === 'x' && event.shiftKey) return 'select_range';
  return SHORTCUTS[key] ?? null;
}

/** Ctrl and K, ⌘ and K: the palette, also while somebody writes; not over a dialog that wants an answer. */
function isForPalette(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return (
    event.key.toLowerCase() === 'k' &&
    event.ctrlKey !== event.metaKey &&
    !event.altKey &&
    !event.shiftKey &&
    !event.defaultPrevented &&
    !target?.closest('[role="dialog"]')
  );
}

/** Whether the key belongs to the browser, to a menu or to a field. */
function isOthers(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('textarea, select, [contenteditable="true"]')) return true;
  // What is only ticked takes no letters.
  if (target?.closest('input:not([type="checkbox"])')) return true;
  if (target?.closest('[role="menu"], [role="listbox"], [role="dialog"], [role="radiogroup"]')) {
    return true;
  }
  // Arrows scroll whatever is being read; they move in the list only from inside it.
  return event.key.startsWith('Arrow') && !target?.closest('[data-ticket-list]');
}

/** Listens for the console's shortcuts. */
export function useShortcuts(): void {
  useEffect(() => {
    let goes = 0;
    function onKeyDown(event: KeyboardEvent) {
      const command = commandOf(event, event.timeStamp < goes);
      goes = event.key.toLowerCase() === 'g' && !isOthers(event) ? event.timeStamp + SECOND_MS : 0;
      if (command && give(command)) event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
