import { queryOptions } from '@tanstack/react-query';
import { app, ifVersion, once, unwrap } from '~/api/client';
import { everything } from '~/api/everything';
import type { MediaCategory, MediaSettings, NewMediaCategory } from './types';

const CATEGORIES = '/api/v1/media-categories';

/** What a change of categories makes old: this list, and what those who send files are offered. */
export const categoryKeys = ['media-categories'] as const;

/** Every category, the oldest first, those that are switched off among them. */
export const categoryList = queryOptions({
  queryKey: [...categoryKeys, 'all'],
  queryFn: ({ signal }) =>
    everything((query) => unwrap(app.GET(CATEGORIES, { params: { query }, signal }))),
  refetchOnWindowFocus: true,
});

/** Makes a category, once per key. */
export function makeCategory(body: NewMediaCategory, key: string): Promise<MediaCategory> {
  return unwrap(app.POST(CATEGORIES, { body, headers: once(key) }));
}

/** Changes a category; refused when somebody else has changed it meanwhile. */
export function changeCategory(
  { id, version }: MediaCategory,
  body: NewMediaCategory,
): Promise<MediaCategory> {
  return unwrap(
    app.PATCH(`${CATEGORIES}/{media_category}`, {
      params: { path: { media_category: id } },
      headers: ifVersion(version),
      body,
    }),
  );
}

/** Takes a category away; refused when somebody else has changed it meanwhile. */
export function removeCategory({ id, version }: MediaCategory): Promise<unknown> {
  return unwrap(
    app.DELETE(`${CATEGORIES}/{media_category}`, {
      params: { path: { media_category: id } },
      headers: ifVersion(version),
    }),
  );
}

/** How much of files one person may have. */
export const mediaSettings = queryOptions({
  queryKey: ['media-settings'],
  queryFn: ({ signal }) => unwrap(app.GET('/api/v1/media-settings', { signal })),
  refetchOnWindowFocus: true,
});

/** Changes it. What is left out stays. */
export function changeSettings(body: Partial<MediaSettings>): Promise<MediaSettings> {
  return unwrap(app.PATCH('/api/v1/media-settings', { body }));
}

/** How much of files there is. Counted by the hour, so it is asked for anew each time. */
export const mediaUsage = queryOptions({
  queryKey: ['media-usage'],
  queryFn: ({ signal }) => unwrap(app.GET('/api/v1/attachments/usage', { signal })),
  staleTime: 0,
});
