import { useMemo, useState } from 'react';
import type { Ticket } from '~/api/types';
import { everyOne, extend, NOTHING, type Selected, toggle } from './select';

export type Selection = {
  ids: ReadonlySet<number>;
  toggle: (id: number) => void;
  extend: (id: number) => void;
  all: () => void;
  clear: () => void;
};

/** Which rows of a list are selected; another list begins with nothing. */
export function useSelection(tickets: Ticket[], list: string): Selection {
  const [of, setOf] = useState({ list, selected: NOTHING });
  const selected = of.list === list ? of.selected : NOTHING;
  return useMemo(() => {
    const order = tickets.map(({ id }) => id);
    const become = (selected: Selected) => setOf({ list, selected });
    // What has left the list is not changed behind somebody's back.
    const shown = new Set(order.filter((id) => selected.ids.has(id)));
    const now = { ids: shown, anchor: selected.anchor };
    return {
      ids: shown,
      toggle: (id) => become(toggle(now, id)),
      extend: (id) => become(extend(now, order, id)),
      all: () => become(everyOne(order)),
      clear: () => become(NOTHING),
    };
  }, [tickets, list, selected]);
}
