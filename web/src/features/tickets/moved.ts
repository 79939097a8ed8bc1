import type { SavedView } from '~/api/types';

/** Where a view stands anew. */
export type Place = { view: SavedView; position: number };

/**
 * What has to be written so that a view stands one place further up (-1) or down (1) among its like:
 * one's own, or everybody's. Nothing where it is the first or the last already.
 */
export function moved(views: SavedView[], { id, scope }: SavedView, by: -1 | 1): Place[] {
  const like = views.filter((one) => one.scope === scope);
  const from = like.findIndex((one) => one.id === id);
  const [view, other] = [like[from], like[from + by]];
  if (!view || !other) return [];
  const order = like.with(from, other).with(from + by, view);
  // Those that were never moved all have the same place.
  return order
    .map((one, position) => ({ view: one, position }))
    .filter(({ view: one, position }) => one.position !== position);
}
