import { useNavigate } from '@tanstack/react-router';
import type { Narrowing } from './narrowing';
import type { Queue } from './useQueue';

/** Shows the same view with the list narrowed to something else. */
export function useNarrow({ view, search: { sort } }: Queue): (narrowing: Narrowing) => void {
  const navigate = useNavigate();
  return (narrowing) => void navigate({ to: '/', search: { view, sort, ...narrowing } });
}
