import { queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { Plan, PutPlan } from '~/api/types';

export const planKeys = ['operator', 'plans'] as const;

/** All plans, by their code; there are at most a hundred. */
export const planList = queryOptions({
  queryKey: planKeys,
  queryFn: async ({ signal }) =>
    (await unwrap(control.GET('/api/v1/operator/plans', { signal }))).data,
  staleTime: 0,
});

/** Makes a plan, or another one of it. */
export function putPlan(code: string, body: PutPlan): Promise<Plan> {
  const params = { path: { code } };
  return unwrap(control.PUT('/api/v1/operator/plans/{code}', { params, body }));
}
