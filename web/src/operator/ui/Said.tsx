import { useEffect, useRef } from 'react';
import page from '~/ui/page.module.css';
import ui from './ui.module.css';

/**
 * What was just done. The button that was pressed may be gone with what it has done: the keyboard
 * goes on here.
 */
export function Said({ children }: { children: string }) {
  const word = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (children) word.current?.focus();
  }, [children]);
  if (!children) return null;
  return (
    <p ref={word} className={`${page.said} ${ui.done}`} role="status" tabIndex={-1}>
      {children}
    </p>
  );
}
