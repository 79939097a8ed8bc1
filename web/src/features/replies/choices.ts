import type { CannedReply, Macro } from '~/api/types';
import { plain } from '~/ui/plain';
import type { Choice } from './queries';

/** What fits the words that are typed: those whose name has them first, then those whose text has. */
export function choicesFor(replies: CannedReply[], macros: Macro[], typed: string): Choice[] {
  const words = plain(typed.trim()).split(/\s+/).filter(Boolean);
  const all: Choice[] = [
    ...replies.map((of): Choice => ({ kind: 'reply', of })),
    ...macros.map((of): Choice => ({ kind: 'macro', of })),
  ];
  const has = (text: string) => words.every((word) => plain(text).includes(word));
  const named = all.filter(({ of }) => has(of.name));
  const worded = all.filter(({ of }) => !has(of.name) && has(`${of.name} ${of.message ?? ''}`));
  return [...byName(named), ...byName(worded)];
}

function byName(choices: Choice[]): Choice[] {
  return choices.toSorted((a, b) => a.of.name.localeCompare(b.of.name));
}

/** Whether the cursor stands where a line begins, and nothing is marked. */
export function atLineStart(text: string, from: number, to: number): boolean {
  return from === to && (from === 0 || text[from - 1] === '\n');
}

/** A text with another one put in at the cursor, or in the place of what stands before it; and where it is then. */
export function withText(text: string, at: number, added: string, from = at) {
  return { text: text.slice(0, from) + added + text.slice(at), at: from + added.length };
}
