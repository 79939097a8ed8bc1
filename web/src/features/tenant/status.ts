import { useQuery } from '@tanstack/react-query';
import { door, unwrap } from '~/api/client';
import { ApiError, problemOf } from '~/api/problem';
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

export type Availability = 'free' | 'taken' | 'reserved' | 'checking' | 'unknown';

/**
 * Whether an address is one that nobody may have. Its status does not tell, so the sign-up itself is
 * asked, with the address and nothing else: it is refused either way, and says what for.
 */
async function isReserved(slug: string): Promise<boolean> {
  const only = { slug } as never;
  const { error, response } = await door.POST('/api/v1/tenants', { body: only });
  return problemOf(error, response).fields.some(({ field }) => field === 'slug');
}

/** Whether an address can still be had. `slug` null: not worth asking yet. */
export function useAvailability(slug: string | null): Availability | null {
  const status = useQuery({
    queryKey: ['tenant', 'availability', slug],
    queryFn: async () => {
      if ((await statusOf(slug ?? '')) !== null) return 'taken';
      return (await isReserved(slug ?? '')) ? 'reserved' : 'free';
    },
    enabled: slug !== null,
    staleTime: 10_000,
  });
  if (slug === null) return null;
  if (status.isPending) return 'checking';
  return status.isError ? 'unknown' : status.data;
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
