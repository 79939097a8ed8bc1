import { queryOptions } from '@tanstack/react-query';
import { control, ifVersion, unwrap } from '~/api/client';
import type { Plan, PutPlan } from '~/api/types';

export const planKeys = ['operator', 'plans'] as const;

/** All plans, by their code; there are at most a hundred. */
export const planList = queryOptions({
  queryKey: planKeys,
  queryFn: async ({ signal }) =>
    (await unwrap(control.GET('/api/v1/operator/plans', { signal }))).data,
  staleTime: 0,
});

/** Makes a plan, which has version 0 until then, or another one of it: refused once it is no longer that version. */
export function putPlan(code: string, version: number, body: PutPlan): Promise<Plan> {
  const params = { path: { code }, header: ifVersion(version) };
  return unwrap(control.PUT('/api/v1/operator/plans/{code}', { params, body }));
}
