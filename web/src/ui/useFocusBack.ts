import { useEffect, useState } from 'react';

/** Gives the focus back when what took it goes at once: to where it was, unless it went elsewhere meanwhile. */
export function useFocusBack(): void {
  const [before] = useState(whatStays);
  useEffect(
    () => () => {
      if (document.activeElement === document.body) before?.focus();
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
