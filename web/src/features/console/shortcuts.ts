import { useEffect } from 'react';
import { type Command, give } from './commands';

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
  c: 'new',
  '/': 'find',
  '?': 'sheet',
};

/** The command of a key press; null while somebody types, or when the browser or a menu wants the key. */
export function commandOf(event: KeyboardEvent): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('input, textarea, select, [contenteditable="true"]')) return null;
  if (target?.closest('[role="menu"], [role="listbox"], [role="dialog"], [role="radiogroup"]')) {
    return null;
  }
  // Arrows scroll whatever is being read; they move in the list only from inside it.
  if (event.key.startsWith('Arrow') && !target?.closest('[data-ticket-list]')) return null;
  return SHORTCUTS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null;
}

/** Listens for the console's shortcuts. */
export function useShortcuts(): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const command = commandOf(event);
      if (command && give(command)) event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
