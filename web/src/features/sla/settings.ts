import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';

/** The policies in the order in which they are tried, the default one last. */
export const policyList = queryOptions({
  queryKey: ['sla', 'policies'],
  queryFn: async ({ signal }) => {
    const all = await everything((query) =>
      unwrap(app.GET('/api/v1/sla/policies', { params: { query }, signal })),
    );
    return all.toSorted(
      (a, b) =>
        Number(a.is_default) - Number(b.is_default) || a.position - b.position || a.id - b.id,
    );
  },
  refetchOnWindowFocus: true,
});

/** Business hours, the oldest first. */
export const calendarList = queryOptions({
  queryKey: ['sla', 'calendars'],
  queryFn: ({ signal }) =>
    everything((query) => unwrap(app.GET('/api/v1/sla/calendars', { params: { query }, signal }))),
  refetchOnWindowFocus: true,
});
