import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';

/** Which members a list shows: those who work here, or those who ask. */
export type Kind = 'team' | 'customers';

const ROLES: Record<Kind, string> = { team: 'agent,manager,admin', customers: 'customer' };
const LIMIT = 50;

export const keys = {
  members: ['members'] as const,
  invitations: ['invitations'] as const,
};

/** Members of a kind, oldest first, page by page. */
export function memberList(kind: Kind, limit = LIMIT) {
  return infiniteQueryOptions({
    queryKey: [...keys.members, kind, limit],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        control.GET('/api/v1/members', {
          params: { query: { role: ROLES[kind], limit, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    // No live event tells of members: whoever comes back to the page sees them as they are.
    refetchOnWindowFocus: true,
  });
}

/** Invitations, the newest first. */
export const invitationList = infiniteQueryOptions({
  queryKey: keys.invitations,
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/invitations', {
        params: { query: { limit: LIMIT, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  refetchOnWindowFocus: true,
});
