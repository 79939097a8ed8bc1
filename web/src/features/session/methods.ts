import { queryOptions } from '@tanstack/react-query';
import { door, unwrap } from '~/api/client';

/** The ways in that this helpdesk offers, for those who are not in yet. */
export const methods = queryOptions({
  queryKey: ['auth', 'methods'],
  queryFn: ({ signal }) => unwrap(door.GET('/api/v1/auth/methods', { signal })),
  retry: false,
});

/** Where the organisation's own sign-in begins. It is a page of the server, so one goes there. */
export function ssoAddress(next: string | undefined): string {
  return `/api/v1/auth/sso/start${next ? `?next=${encodeURIComponent(next)}` : ''}`;
}

/** Sends a link that signs a customer in; the answer is the same for every address. */
export function askForMagicLink(email: string): Promise<unknown> {
  return unwrap(door.POST('/api/v1/auth/magic-link', { body: { email } }));
}
