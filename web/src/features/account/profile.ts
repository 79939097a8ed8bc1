import { queryOptions } from '@tanstack/react-query';
import { control, unwrap } from '~/api/client';
import type { Me } from '~/api/types';
import { keys } from './queries';

/** What somebody says of themselves. */
export type Typed = Pick<Me, 'firstname' | 'lastname' | 'locale'>;

/** One's profile, and the tag of its version: a change that builds on another one is refused. */
export type Profile = { me: Me; tag: string | null };

/** One's own profile, as it is now. */
export const profile = queryOptions({
  queryKey: keys.profile,
  queryFn: ({ signal }) => tagged(control.GET('/api/v1/auth/me', { signal })),
  // No live event tells of it: whoever comes back to the page sees it as it is.
  refetchOnWindowFocus: true,
});

/** Changes what is named, and nothing else; refused when the profile was changed elsewhere meanwhile. */
export function saveProfile(tag: string | null, wish: Partial<Typed>): Promise<Profile> {
  return tagged(
    control.PATCH('/api/v1/auth/me', { params: { header: { 'If-Match': tag } }, body: wish }),
  );
}

/** What was typed and is not so already: only this is sent. */
export function wishOf(me: Me, touched: Partial<Typed>): Partial<Typed> {
  const names = Object.keys(touched) as (keyof Typed)[];
  return Object.fromEntries(
    names
      .map((name) => [name, touched[name]?.trim()] as const)
      .filter(([name, value]) => value !== me[name]),
  ) as Partial<Typed>;
}

/** What was typed while something else of it was being saved. */
export function typedSince(sent: Partial<Typed>, now: Partial<Typed>): Partial<Typed> {
  const names = Object.keys(now) as (keyof Typed)[];
  const later = names.filter((name) => now[name] !== sent[name]);
  return Object.fromEntries(later.map((name) => [name, now[name]])) as Partial<Typed>;
}

async function tagged(
  call: Promise<{ data?: Me; error?: unknown; response: Response }>,
): Promise<Profile> {
  const me = await unwrap(call);
  return { me, tag: (await call).response.headers.get('etag') };
}
