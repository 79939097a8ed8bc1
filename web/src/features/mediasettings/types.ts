import type { components } from '~/api/app';

/** Files that are taken together: their endings, and how large they may be. */
export type MediaCategory = components['schemas']['MediaCategory'];
/** A category as it is made. */
export type NewMediaCategory = components['schemas']['NewMediaCategory'];
/** How much of files one person may have. */
export type MediaSettings = components['schemas']['MediaSettings'];
