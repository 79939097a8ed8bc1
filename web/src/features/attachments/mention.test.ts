import { expect, test } from 'vitest';
import { promiseIn } from './mention';

test.each([
  ['I have attached the invoice.', 'attached'],
  ['Please find attached the photo', 'attached'],
  ['See the attachment.', 'See the attachment'],
  ['The picture is enclosed', 'enclosed'],
  ['Veuillez trouver la facture ci-jointe.', 'ci-jointe'],
  ['Voir pièce jointe', 'pièce jointe'],
  ['voir les pieces jointes', 'pieces jointes'],
  ['Je vous joins une photo', 'Je vous joins'],
  ['J’ai joint la photo', 'J’ai joint'],
  ['La photo est en PJ', 'en PJ'],
  ['Hello,\nI am attaching it.', 'attaching'],
])('“%s” promises a file', (text, word) => {
  expect(promiseIn(text)).toBe(word);
});

test.each([
  'It burns.',
  'The strap came off.',
  'She is very fond of it, no strings.',
  'Point de jonction',
  '> I have attached the invoice.\nWe got it.',
])('“%s” promises none', (text) => {
  expect(promiseIn(text)).toBeNull();
});
