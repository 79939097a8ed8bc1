import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import type { Language } from '~/i18n';

/** Everything of the help centre is anew when something of it is changed. */
export const HELP = ['articles'] as const;

/** Sections in the order in which they are read. */
export const sectionList = queryOptions({
  queryKey: [...HELP, 'sections'],
  queryFn: async ({ signal }) => {
    const all = await everything((query) =>
      unwrap(app.GET('/api/v1/articles/sections', { params: { query }, signal })),
    );
    return all.toSorted((a, b) => a.position - b.position || a.id - b.id);
  },
});

/** All articles that somebody sees, by position; `archived`: those that were put away instead. */
export function articleList(locale: Language, archived = false) {
  return queryOptions({
    queryKey: [...HELP, 'list', locale, archived],
    queryFn: ({ signal }) =>
      everything((query) =>
        unwrap(
          app.GET('/api/v1/articles', {
            params: { query: { ...query, locale, ...(archived && { state: 'archived' }) } },
            signal,
          }),
        ),
      ),
  });
}

/** As many articles are shown of those that have certain words. */
const FOUND = 50;

/** The published articles that have all these words, the best first, with how many there are. */
export function articlesWith(q: string, locale: Language) {
  return queryOptions({
    queryKey: [...HELP, 'with', q, locale],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/articles', {
          params: { query: { q, locale, state: 'published', limit: FOUND, count: true } },
          signal,
        }),
      ),
  });
}

/** One article, by id or by what its address says. */
export function articleNamed(name: string, locale: Language) {
  return queryOptions({
    queryKey: [...HELP, 'one', name, locale],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/articles/{article}', {
          params: { path: { article: name }, query: { locale } },
          signal,
        }),
      ),
  });
}

/** What may help whoever writes about that. */
export function suggestionsFor(q: string, locale: Language) {
  return queryOptions({
    queryKey: [...HELP, 'suggestions', q, locale],
    queryFn: ({ signal }) =>
      unwrap(app.GET('/api/v1/articles/suggestions', { params: { query: { q, locale } }, signal })),
  });
}
