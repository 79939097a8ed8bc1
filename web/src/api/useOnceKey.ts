import { useRef } from 'react';

/**
 * The key under which a form is sent: the same for the same content, so that a second press or a
 * retry after a lost answer creates one thing; another as soon as something else was written.
 */
export function useOnceKey(): (body: unknown) => string {
  const last = useRef({ content: '', key: '' });
  return (body) => {
    const content = JSON.stringify(body);
    if (last.current.content !== content) last.current = { content, key: crypto.randomUUID() };
    return last.current.key;
  };
}
