import { infiniteQueryOptions } from '@tanstack/react-query';
import { control, once, unwrap } from '~/api/client';
import type { Export } from '~/api/types';
import { saveFile } from '~/ui/saveFile';

const PATH = '/api/v1/tenant/exports';
/** While one is made it is looked at this often. */
const MAKING_MS = 3000;

export const isMaking = ({ status }: Export): boolean => status === 'making';

/** Exports that were asked for, the newest first; looked at again and again while one is made. */
export const exportList = infiniteQueryOptions({
  queryKey: ['exports'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      control.GET(PATH, {
        params: { query: { limit: 10, cursor: pageParam ?? undefined } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.page.next_cursor ?? undefined,
  staleTime: 0,
  refetchOnWindowFocus: true,
  refetchInterval: ({ state }) =>
    state.data?.pages.some((one) => one.data.some(isMaking)) ? MAKING_MS : false,
});

/** Asks for one. Each press is a wish of its own: one that is under way already is refused. */
export function askExport(): Promise<Export> {
  const headers = once(crypto.randomUUID());
  return unwrap(control.POST(PATH, { body: {}, headers }));
}

/** Fetches an archive and hands it over under the name that the server gives it, too. */
export async function takeExport({ id, asked_at }: Export, slug: string): Promise<void> {
  const params = { path: { id } };
  const archive = await unwrap(control.GET(`${PATH}/{id}/download`, { params, parseAs: 'blob' }));
  saveFile(archive as unknown as Blob, `${slug}-${asked_at.slice(0, 10)}.tar`);
}
