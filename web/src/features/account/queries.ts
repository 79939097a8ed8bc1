import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';

export const keys = {
  profile: ['account', 'profile'] as const,
  secondFactor: ['account', '2fa'] as const,
  passkeys: ['account', 'passkeys'] as const,
  sessions: ['account', 'sessions'] as const,
};

/** Which second factors one has. */
export const secondFactor = queryOptions({
  queryKey: keys.secondFactor,
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/auth/2fa', { signal })),
});

export const passkeyList = queryOptions({
  queryKey: keys.passkeys,
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/auth/passkeys', { signal })),
});

/** One's own sessions, the last used first. */
export const sessionList = infiniteQueryOptions({
  queryKey: keys.sessions,
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/auth/sessions', {
        params: { query: { cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  // No live event tells of sessions: whoever comes back to the page sees them as they are.
  refetchOnWindowFocus: true,
});
