import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { EnterCredit } from '~/api/types';
import { tenantKeys } from './queries';

/** A tenant's plan and what it uses of it; counted when it is asked for, so not by a clock. */
export function tenantUsage(slug: string) {
  return queryOptions({
    queryKey: [...tenantKeys, 'usage', slug],
    queryFn: ({ signal }) => {
      const params = { path: { slug } };
      return unwrap(control.GET('/api/v1/operator/tenants/{slug}/usage', { params, signal }));
    },
    staleTime: 0,
  });
}

/** What was put into its credits and taken out, the newest first. */
export function creditList(slug: string) {
  return infiniteQueryOptions({
    queryKey: [...tenantKeys, 'credits', slug],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 10, cursor: pageParam ?? undefined };
      const params = { path: { slug }, query };
      return unwrap(control.GET('/api/v1/operator/tenants/{slug}/credits', { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
  });
}

/** Gives a tenant another plan from now on; answers with what it then uses of it. */
export function assignPlan(slug: string, plan: string) {
  const params = { path: { slug } };
  return unwrap(control.PUT('/api/v1/operator/tenants/{slug}/plan', { params, body: { plan } }));
}

/** Puts something into a tenant's credits, or takes it out. */
export function enterCredit(slug: string, body: EnterCredit) {
  const params = { path: { slug } };
  return unwrap(control.POST('/api/v1/operator/tenants/{slug}/credits', { params, body }));
}
