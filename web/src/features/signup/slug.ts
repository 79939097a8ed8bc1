/** Bounds of a slug, the label before the domain. */
const MIN = 3;
const MAX = 32;

export type SlugFault = 'too_short' | 'too_long' | 'start' | 'end' | 'characters' | 'hyphens';

/** Words that a name's legal form adds and nobody wants in an address. */
const LEGAL = new Set([
  'sarl',
  'sas',
  'sasu',
  'eurl',
  'sa',
  'inc',
  'llc',
  'ltd',
  'gmbh',
  'ag',
  'bv',
]);

/** Proposes the address of an organisation from its name: "Café Müller & Fils SARL" → cafe-muller-fils. */
export function proposeSlug(organisation: string): string {
  const words = organisation
    .replaceAll('œ', 'oe')
    .replaceAll('Œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    // What is between letters of one word ("l'atelier", "S.A.V.") parts nothing worth a hyphen.
    .replace(/['’.]/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  const telling = words.length > 1 ? words.filter((word) => !LEGAL.has(word)) : words;
  return (telling.length > 0 ? telling : words)
    .join('-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX)
    .replace(/-+$/, '');
}

/** What is wrong with a slug; null when the server will accept its form. */
export function slugFault(slug: string): SlugFault | null {
  if (/[^a-z0-9-]/.test(slug)) return 'characters';
  if (slug !== '' && !/^[a-z]/.test(slug)) return 'start';
  if (slug.length < MIN) return 'too_short';
  if (slug.length > MAX) return 'too_long';
  if (slug.endsWith('-')) return 'end';
  // Reserved for names in other scripts, which could look like somebody else's.
  return slug.includes('--') ? 'hyphens' : null;
}
