import type { MediaCategory } from './types';

/** What is wrong with a file, as far as that can be known before it is sent. */
export type Wrong =
  | { code: 'empty' }
  | { code: 'type'; ending: string }
  | { code: 'long'; most: number }
  | { code: 'many'; most: number };

/** Files of one message at most, the same as the server's. */
export const MOST_FILES = 20;

/** The ending of a name in small letters; empty where it has none. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at > 0 ? name.slice(at + 1).toLowerCase() : '';
}

/**
 * What speaks against a file. Among several categories of an ending the widest counts; the server
 * looks at the content, and has the last word.
 */
export function judge(
  file: { name: string; size: number },
  categories: MediaCategory[] | undefined,
): Wrong | null {
  if (file.size === 0) return { code: 'empty' };
  if (!categories) return null;
  const ending = endingOf(file.name);
  const fitting = categories.filter((one) => one.enabled && one.extensions.includes(ending));
  if (fitting.length === 0) return { code: 'type', ending };
  const most = Math.max(...fitting.map(({ max_bytes }) => max_bytes));
  return file.size > most ? { code: 'long', most } : null;
}

/** What a file dialog is to offer; everything where it is not known. */
export function acceptOf(categories: MediaCategory[] | undefined): string | undefined {
  const endings = categories?.filter(({ enabled }) => enabled).flatMap((one) => one.extensions);
  return endings?.map((ending) => `.${ending}`).join(',') || undefined;
}

/** Whether files are dragged, and not words. */
export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

/** The files of what is pasted. What also has words, as a table of a document, is pasted as words. */
export function pastedFiles(data: DataTransfer): File[] {
  const files = [...data.files];
  return files.length > 0 && data.getData('text/plain') === '' ? files : [];
}

/** A name that none of the others has: pictures that are pasted are all called the same. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const ending = endingOf(name);
  const stem = ending ? name.slice(0, -ending.length - 1) : name;
  for (let count = 2; ; count += 1) {
    const other = ending ? `${stem}-${count}.${ending}` : `${stem}-${count}`;
    if (!taken.includes(other)) return other;
  }
}
