import { useQuery } from '@tanstack/react-query';
import { door, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { TenantStatus } from '~/api/types';

/** How often a helpdesk that is being built is asked whether it is ready. */
const POLL_MS = 400;

/** The state of an address; null when nobody has it. */
export async function statusOf(slug: string): Promise<TenantStatus | null> {
  try {
    const answer = await unwrap(
      door.GET('/api/v1/tenants/{slug}/status', { params: { path: { slug } } }),
    );
    return answer.status;
  } catch (problem) {
    if (problem instanceof ApiError && problem.status === 404) return null;
    throw problem;
  }
}

export type Availability = 'free' | 'taken' | 'checking' | 'unknown';

/** Whether an address can still be had. `slug` null: not worth asking yet. */
export function useAvailability(slug: string | null): Availability | null {
  const status = useQuery({
    queryKey: ['tenant', 'status', slug],
    queryFn: () => statusOf(slug ?? ''),
    enabled: slug !== null,
    staleTime: 10_000,
  });
  if (slug === null) return null;
  if (status.isPending) return 'checking';
  if (status.isError) return 'unknown';
  return status.data === null ? 'free' : 'taken';
}

/** Follows a helpdesk while it is being built. */
export function useProvisioning(slug: string) {
  return useQuery({
    queryKey: ['tenant', 'provisioning', slug],
    queryFn: () => statusOf(slug),
    // A moment without an answer is no reason to give up: the work goes on without us.
    retry: true,
    retryDelay: 1500,
    refetchInterval: (query) => (query.state.data === 'provisioning' ? POLL_MS : false),
    refetchIntervalInBackground: true,
  });
}
