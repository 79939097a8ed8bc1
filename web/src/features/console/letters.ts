const STORED = 'hd-letters';

/** What was chosen on this page, where the browser may store nothing. */
let chosen: boolean | null = null;

/**
 * Whether keys without Ctrl are commands (WCAG 2.1.4). Whoever speaks to the computer instead of typing
 * would give commands with every word, and turns them off on this device.
 */
export function lettersWork(): boolean {
  return chosen ?? stored();
}

/** Turns them on or off. */
export function letLettersWork(on: boolean): void {
  chosen = on;
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off');
  } catch {
    // A browser that stores nothing asks again next time.
  }
}

function stored(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}
