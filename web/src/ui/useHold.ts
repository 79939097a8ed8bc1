import { useEffect } from 'react';

/** Has the browser ask before the page is left or loaded anew, as long as something on it would be lost. */
export function useHold(isHeld: () => boolean): void {
  useEffect(() => {
    const hold = (event: BeforeUnloadEvent) => {
      if (isHeld()) event.preventDefault();
    };
    window.addEventListener('beforeunload', hold);
    return () => window.removeEventListener('beforeunload', hold);
  }, [isHeld]);
}
