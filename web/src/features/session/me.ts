import { queryOptions, useMutation } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';

/** What the control plane knows about whoever is signed in, as it is now. */
export const me = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => unwrap(control.GET('/api/v1/auth/me', { signal })),
});

/** Sends the link that confirms one's address once more. */
export function useResend() {
  return useMutation({
    mutationFn: () => unwrap(control.POST('/api/v1/auth/email/resend', {})),
  });
}
