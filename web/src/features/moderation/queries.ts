import { infiniteQueryOptions } from '@tanstack/react-query';
import { app, once, unwrap } from '~/api/client';
import type { AddModerationHash, ChangeModerationHash, ModerationHash, Verdict } from './types';

const PATH = '/api/v1/moderation-hashes';

/** Every list of judged contents, whatever it is narrowed to. */
export const verdictKeys = ['moderation-hashes'] as const;

/** Contents that were judged so, or all, the newest first. */
export function verdictList(status: Verdict | null) {
  return infiniteQueryOptions({
    queryKey: [...verdictKeys, status],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        app.GET(PATH, {
          params: {
            query: {
              sort: '-created_at',
              status: status ?? undefined,
              cursor: pageParam ?? undefined,
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next_cursor ?? undefined,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });
}

/** Judges a content, once per key. */
export function judge(body: AddModerationHash, key: string): Promise<ModerationHash> {
  return unwrap(app.POST(PATH, { body, headers: once(key) }));
}

/** Judges a content anew. */
export function judgeAnew(id: number, body: ChangeModerationHash): Promise<ModerationHash> {
  return unwrap(app.PATCH(`${PATH}/{hash}`, { params: { path: { hash: id } }, body }));
}

/** Forgets what was judged. */
export function forget({ id }: ModerationHash): Promise<unknown> {
  return unwrap(app.DELETE(`${PATH}/{hash}`, { params: { path: { hash: id } } }));
}
