import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';

/** Keys of the organisation, the newest first. */
export const apiKeyList = infiniteQueryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET('/api/v1/api-keys', {
        params: { query: { cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  refetchOnWindowFocus: true,
});
