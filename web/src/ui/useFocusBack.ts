import { useEffect, useState } from 'react';

/** Gives the keyboard back to where it was before, when what is mounted goes and leaves it nowhere. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // What is taken down with it still has the focus now.
      setTimeout(() => {
        const isNowhere = !document.activeElement || document.activeElement === document.body;
        if (isNowhere && before instanceof HTMLElement) before.focus();
      });
    },
    [before],
  );
}
