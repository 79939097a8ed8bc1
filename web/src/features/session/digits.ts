/** How long a code of an authenticator app is. */
export const CODE_LENGTH = 6;

/**
 * The code in what was typed or pasted: digits of any script, without what stands between them. A
 * text with more digits than a code has is cut, so that a key pressed twice does no harm.
 */
export function digitsOf(text: string): string {
  return [...text.normalize('NFKC')]
    .filter((char) => /[0-9]/.test(char))
    .join('')
    .slice(0, CODE_LENGTH);
}

/** A secret in groups of four, as one reads it aloud. */
export function grouped(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}
