/** Tickets of one job at most, the same as the server's. */
export const MOST = 500;

/** What is selected, and from where a range is counted. */
export type Selected = { ids: ReadonlySet<number>; anchor: number | null };

export const NOTHING: Selected = { ids: new Set(), anchor: null };

/** Takes one in, or out again. */
export function toggle({ ids }: Selected, id: number): Selected {
  const next = new Set(ids);
  if (!next.delete(id) && next.size < MOST) next.add(id);
  return { ids: next, anchor: id };
}

/** Takes in everything between the last one that was chosen and this one. */
export function extend({ ids, anchor }: Selected, order: number[], id: number): Selected {
  const [from, to] = [anchor === null ? -1 : order.indexOf(anchor), order.indexOf(id)];
  if (from < 0 || to < 0) return toggle({ ids, anchor }, id);
  const between = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...ids, ...between].slice(0, MOST)), anchor };
}

/** Takes all in that are there, as many as one job takes. */
export function everyOne(order: number[]): Selected {
  return { ids: new Set(order.slice(0, MOST)), anchor: null };
}
