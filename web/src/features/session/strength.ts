export const STRENGTHS = ['weak', 'fair', 'good', 'strong'] as const;
export type Strength = (typeof STRENGTHS)[number];

const COMMON = /passw|motdepasse|azerty|qwert|123456|welcome|bienvenue|helpdesk|iloveyou|soleil/i;

/**
 * A quick guess at how hard a password is to guess, shown while typing. The server's own check
 * (with a dictionary too large to send to a browser) has the last word.
 */
export function strengthOf(password: string, known: readonly string[] = []): Strength {
  let rest = password.toLowerCase();
  // What an attacker knows or tries first adds nothing.
  for (const word of known) {
    if (word.length > 2) rest = rest.replaceAll(word.toLowerCase(), '');
  }
  rest = rest.replace(COMMON, '').replace(/(.)\1+/gu, '$1');
  const distinct = new Set(rest).size;
  const score = Math.min([...rest].length, distinct * 1.5);
  if (score < 9) return 'weak';
  if (score < 12) return 'fair';
  return score < 16 ? 'good' : 'strong';
}
