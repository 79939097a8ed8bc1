const STORED = 'hd-letters';

/**
 * Whether keys without Ctrl are commands (WCAG 2.1.4). Whoever speaks to the computer instead of typing
 * would give commands with every word, and turns them off on this device.
 */
export function lettersWork(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

/** Turns them on or off; whether that is kept. */
export function letLettersWork(on: boolean): boolean {
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off');
    return true;
  } catch {
    return false;
  }
}
