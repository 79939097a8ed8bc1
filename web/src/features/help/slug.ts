/** Longest address, the same as the server's. */
export const LONGEST_SLUG = 80;

/**
 * The address that a title suggests: small letters, digits and hyphens, a letter first; empty where
 * the title has no such letter.
 */
export function slugOf(title: string): string {
  return title
    .replaceAll('œ', 'oe')
    .replaceAll('Œ', 'oe')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST_SLUG)
    .replace(/-+$/, '');
}
