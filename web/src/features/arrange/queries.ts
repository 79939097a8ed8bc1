import { queryOptions } from '@tanstack/react-query';
import { app, unwrap } from '~/api/client';
import { everything } from '~/api/everything';

/** Teams, the oldest first. */
export const teamList = queryOptions({
  queryKey: ['teams'],
  queryFn: ({ signal }) =>
    everything((query) => unwrap(app.GET('/api/v1/teams', { params: { query }, signal }))),
  refetchOnWindowFocus: true,
});

/** Categories in the order in which they are offered; customers get those that new tickets may have. */
export const categoryList = queryOptions({
  queryKey: ['categories'],
  queryFn: async ({ signal }) => {
    const all = await everything((query) =>
      unwrap(app.GET('/api/v1/categories', { params: { query }, signal })),
    );
    return all.toSorted((a, b) => a.position - b.position || a.id - b.id);
  },
  refetchOnWindowFocus: true,
});

/** Custom fields in the order in which they are asked; customers get those that they give. */
export const fieldList = queryOptions({
  queryKey: ['custom-fields'],
  queryFn: async ({ signal }) => {
    const all = await everything((query) =>
      unwrap(app.GET('/api/v1/custom-fields', { params: { query }, signal })),
    );
    return all.toSorted((a, b) => a.position - b.position || a.id - b.id);
  },
  refetchOnWindowFocus: true,
});
