import { expect, test } from 'vitest';
import { proposeSlug, slugFault } from './slug';

test.each([
  ['Acme', 'acme'],
  ['Café Müller & Fils SARL', 'cafe-muller-fils'],
  ['L’Atelier du Vélo', 'latelier-du-velo'],
  ['S.A.V. Express', 'sav-express'],
  ['Bœuf & Cie', 'boeuf-cie'],
  ['Straße 9 GmbH', 'strasse-9'],
  ['24 Heures Dépannage', 'heures-depannage'],
  ['SAS', 'sas'],
  ['  --  ', ''],
  ['株式会社', ''],
])('the address proposed for "%s" is "%s"', (organisation, slug) => {
  expect(proposeSlug(organisation)).toBe(slug);
});

test('a long name gives an address that still fits, without a hyphen at its end', () => {
  const slug = proposeSlug('Compagnie Générale des Établissements Réunis');
  expect(slug).toBe('compagnie-generale-des-etablisse');
  expect(proposeSlug(`${'a'.repeat(31)} b`)).toBe('a'.repeat(31));
});

test.each([
  ['acme', null],
  ['a-1', null],
  ['ab', 'too_short'],
  ['', 'too_short'],
  ['a'.repeat(33), 'too_long'],
  ['1acme', 'start'],
  ['-acme', 'start'],
  ['acme-', 'end'],
  ['ac--me', 'hyphens'],
  ['Acme', 'characters'],
  ['ac me', 'characters'],
  ['аcme', 'characters'],
])('what is wrong with "%s" is %s', (slug, fault) => {
  expect(slugFault(slug)).toBe(fault);
});

test('whatever is proposed is accepted or too short', () => {
  for (const name of ['Été', 'A', 'Dupont-Durand', 'x '.repeat(40), '9 lives', 'É.D.F. – Réseau']) {
    expect([null, 'too_short']).toContain(slugFault(proposeSlug(name)));
  }
});
