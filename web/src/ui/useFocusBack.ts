import { useEffect, useState } from 'react';

/** Gives the keyboard back to where it was before, when what is mounted goes and leaves it nowhere. */
export function useFocusBack(): void {
  const [before] = useState(whatStays);
  useEffect(
    () => () => {
      // What is taken down with it still has the focus now.
      setTimeout(() => {
        const isNowhere = !document.activeElement || document.activeElement === document.body;
        if (isNowhere) before?.focus();
      });
    },
    [before],
  );
}

/** What has the focus; of a menu, which goes itself, the button that opened it. */
function whatStays(): HTMLElement | null {
  const active = document.activeElement;
  const menu = active?.closest('[role=menu]');
  const stays = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : active;
  return stays instanceof HTMLElement ? stays : null;
}
