import type { SavedView } from '~/api/types';
import { type Narrowing, together, wordsOfNarrowing } from './narrowing';
import { isBuiltIn, type TicketFilter, type View, wordsOf } from './views';

/** What the list shows, in words that can be saved; null for a saved view that is not known here. */
export function savable(
  view: View,
  saved: SavedView | null,
  narrowing: Narrowing,
): TicketFilter | null {
  const words = isBuiltIn(view) ? wordsOf(view) : (saved?.filter as TicketFilter | undefined);
  return words ? together(words, wordsOfNarrowing(narrowing)) : null;
}
