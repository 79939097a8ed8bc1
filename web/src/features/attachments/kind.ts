import { endingOf } from './accept';
import type { Attachment } from './types';

/** What a file is to the eye. */
export type Kind = 'image' | 'pdf' | 'archive' | 'other';

const KINDS: Record<string, Kind> = {
  ...Object.fromEntries(['jpg', 'jpeg', 'png', 'gif', 'webp', 'heic'].map((e) => [e, 'image'])),
  pdf: 'pdf',
  zip: 'archive',
};

export function kindOf(name: string): Kind {
  return KINDS[endingOf(name)] ?? 'other';
}

/** Whether it can be had: nothing was found in it, or there is nobody who looks. */
export function isOpen({ scan_status }: Attachment): boolean {
  return scan_status === 'clean' || scan_status === 'skipped';
}

/** Whether browsers show it: only that is opened on the page, everything else is saved. */
export function isPicture({ mime_type }: Attachment): boolean {
  return ['image/jpeg', 'image/png', 'image/gif', 'image/webp'].includes(mime_type);
}

/** The pictures of some files that can be looked at, one after the other. */
export function picturesOf(files: readonly Attachment[]): Attachment[] {
  return files.filter((file) => isPicture(file) && isOpen(file));
}
