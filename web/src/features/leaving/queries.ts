import { queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { TenantDeletion } from '~/api/types';
import { renew } from '../session/token';

const PATH = '/api/v1/tenant/deletion';

/** When the organisation is deleted, and who asked. */
export const deletion = queryOptions({
  queryKey: ['tenant', 'deletion'],
  queryFn: ({ signal }) => unwrap(control.GET(PATH, { signal })),
  refetchOnWindowFocus: true,
});

/** Asks for the deletion; the session is told anew, and with it the page that it leads to. */
export async function ask(slug: string): Promise<TenantDeletion> {
  const asked = await unwrap(control.POST(PATH, { body: { slug } }));
  await renew();
  return asked;
}

/** Takes it back: everything is as it was before. */
export async function takeBack(): Promise<void> {
  await unwrap(control.DELETE(PATH, {}));
  await renew();
}
