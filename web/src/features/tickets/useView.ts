import { useSearch } from '@tanstack/react-router';
import { type View, viewOf } from './views';

/** The view that the list shows; it stands in the address, so that it can be bookmarked and shared. */
export function useView(): View {
  const { view } = useSearch({ strict: false });
  return viewOf(view);
}
