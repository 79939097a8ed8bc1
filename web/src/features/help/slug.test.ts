import { expect, test } from 'vitest';
import { slugOf } from './slug';

test.each([
  ['Getting a refund', 'getting-a-refund'],
  ['Délais de livraison', 'delais-de-livraison'],
  ['Mon œuvre, où est-elle ?', 'mon-oeuvre-ou-est-elle'],
  ['14 days to return', 'days-to-return'],
  ['  –  ', ''],
  ['2026', ''],
  [`${'a'.repeat(79)} b`, 'a'.repeat(79)],
])('the title %j suggests the address %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});
