import type { MediaCategory } from './types';

/** Endings of one category at most, and letters of each, the same as the server's. */
export const MOST_ENDINGS = 20;
const PLAIN = /^[a-z0-9]{1,10}$/;

/** Endings as they are kept: without what stands before them, in small letters, each once. */
export function tidied(typed: readonly string[]): string[] {
  const plain = typed.map((one) =>
    one
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, ''),
  );
  return [...new Set(plain.filter((one) => one !== ''))];
}

/** Whether each is one that the server can keep. */
export function areEndings(endings: readonly string[]): boolean {
  return endings.every((one) => PLAIN.test(one));
}

/** An ending that another category takes in a larger size, which then counts. */
export type Wider = { ending: string; name: string; bytes: number };

/** Where a size does not count, since another category takes more. The widest one is named. */
export function widerThan(
  category: { id: number | null; extensions: readonly string[]; bytes: number },
  all: readonly MediaCategory[],
): Wider | null {
  const others = all
    .filter(({ id, enabled, max_bytes }) => {
      return enabled && id !== category.id && max_bytes > category.bytes;
    })
    .toSorted((a, b) => b.max_bytes - a.max_bytes);
  for (const { name, extensions, max_bytes } of others) {
    const ending = extensions.find((one) => category.extensions.includes(one));
    if (ending) return { ending, name, bytes: max_bytes };
  }
  return null;
}
