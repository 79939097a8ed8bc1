import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavedView } from '~/api/types';
import {
  isNarrowed,
  type Narrowing,
  narrowingOf,
  type QueueSearch,
  queueOf,
  together,
  wordsOfNarrowing,
} from './narrowing';
import { viewList } from './queries';
import { filterOf, isBuiltIn, type ListQuery, type TicketFilter, type View, viewOf } from './views';

/** The view that the list shows; it stands in the address, so that it can be bookmarked and shared. */
export function useView(): View {
  const { view } = useSearch({ strict: false }) as QueueSearch;
  return viewOf(view);
}

/** What the address says about the list; links within the console take it along. */
export function useQueueSearch(): QueueSearch {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const words = JSON.stringify(queueOf(search));
  return useMemo(() => JSON.parse(words) as QueueSearch, [words]);
}

export type Queue = {
  view: View;
  name: string;
  search: QueueSearch;
  narrowing: Narrowing;
  narrowed: boolean;
  /** The saved view, when the view is one. */
  saved: SavedView | null;
  /** What the list asks for; null while a saved view is not known yet, or any more. */
  filter: TicketFilter | null;
  /** The same in the chosen order. */
  asked: ListQuery | null;
  /** The saved view that the address names is not there. */
  gone: boolean;
};

/** What the list shows, by the address and the views that are saved. */
export function useQueue(): Queue {
  const { t } = useTranslation('queue');
  const search = useQueueSearch();
  const views = useQuery(viewList);
  const view = viewOf(search.view);
  const saved = views.data?.data.find(({ id }) => String(id) === view) ?? null;
  return useMemo(() => {
    const narrowing = narrowingOf(search);
    const base = isBuiltIn(view) ? filterOf(view) : ((saved?.filter as TicketFilter) ?? null);
    const filter = base && narrowedBy(base, narrowing);
    return {
      view,
      name: isBuiltIn(view) ? t(`views.${view}`) : (saved?.name ?? t('views.saved_one')),
      search,
      narrowing,
      narrowed: isNarrowed(narrowing),
      saved,
      filter,
      asked: filter && (search.sort ? { ...filter, sort: search.sort } : filter),
      gone: !isBuiltIn(view) && views.isSuccess && !saved,
    };
  }, [search, view, saved, views.isSuccess, t]);
}

/** The words of a view and those that narrow it, as one question. */
function narrowedBy(base: TicketFilter, narrowing: Narrowing): TicketFilter {
  return isNarrowed(narrowing) ? together(base, wordsOfNarrowing(narrowing)) : base;
}
