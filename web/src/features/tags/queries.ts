import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';

/** Tags in use that begin like this, the most used first. */
export function tagsLike(q: string) {
  return queryOptions({
    queryKey: ['tags', q] as const,
    queryFn: async ({ signal }) => {
      const answer = await unwrap(
        app.GET('/api/v1/tags', { params: { query: q ? { q } : {} }, signal }),
      );
      return answer.data;
    },
    gcTime: 60_000,
  });
}
