import { useState } from 'react';
import { clashes, merged, same } from './merge';

/** What somebody else has changed since a form was opened: other parts than oneself, or partly the same. */
export type Met = 'beside' | 'over';

/** What a form tells of others' changes, and the way to see theirs in the place of one's own. */
export type Others = { met: Met | null; onReload: () => void };

/**
 * What is typed over one thing that exists, or over nothing. Another version of it, as its list brings it,
 * shows wherever nothing was typed: a form that is saved again undoes nobody's change unseen.
 */
export function useTyped<One extends { version: number }, Typed extends object>(
  one: One | null,
  typedOf: (one: One | null) => Typed,
) {
  const [base, setBase] = useState(one);
  const [typed, setTyped] = useState(() => typedOf(one));
  const [met, setMet] = useState<Met | null>(null);

  // While it is drawn, not after: a refusal never stands here without what it is about.
  // What was removed meanwhile is made anew from what stands here.
  if (!one && base) setBase(null);
  if (one && one.version > (base?.version ?? 0)) {
    const [before, server] = [typedOf(base), typedOf(one)];
    const over = clashes(before, typed, server);
    if (over) setMet('over');
    else if (!same(before, server)) setMet((now) => now ?? 'beside');
    setTyped(merged(before, typed, server));
    setBase(one);
  }

  const others: Others = {
    met,
    onReload: () => {
      setTyped(typedOf(base));
      setMet(null);
    },
  };
  return {
    /** What the form builds on: its version goes with the change. */
    base,
    typed,
    set: (change: Partial<Typed>) => setTyped((now) => ({ ...now, ...change })),
    /** Goes on from what was saved: nothing of it is typed any more. */
    settle: (saved: One) => {
      setTyped(typedOf(saved));
      setBase(saved);
      setMet(null);
    },
    others,
    /** Whether something would be lost if the form were closed. */
    dirty: !same(typedOf(base), typed),
  };
}
