/**
 * Words that promise a file, in the languages in which people write here, whichever they read. They
 * are looked for in the words that are sent, never shown as text of ours.
 */
const PROMISES = [
  /\b(?:see|in) the attachments?\b/i,
  /\battach(?:ing|ed)\b/i,
  /\benclosed\b/i,
  /\bci[- ]joint(?:e|s|es)?\b/i,
  /\bpi[èe]ces?[- ]jointes?\b/i,
  /\b(?:je|nous|vous) (?:vous )?(?:joins|joignons|joignez)\b/i,
  /\bj['’]ai joint\b/i,
  /\ben (?:annexe|PJ)\b/i,
] as const;

/** The word of a text that promises a file; null where none does. What is quoted was said by somebody else. */
export function promiseIn(text: string): string | null {
  const own = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('>'))
    .join('\n');
  for (const promise of PROMISES) {
    const found = promise.exec(own);
    if (found) return found[0];
  }
  return null;
}
