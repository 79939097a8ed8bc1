import type { HistoryEntry, Message } from '~/api/types';

/** What stands in a conversation: what was said, and what happened in between. */
export type Entry =
  | { kind: 'message'; at: string; message: Message }
  | { kind: 'events'; at: string; events: HistoryEntry[] };

/** More consecutive changes than this are folded into one line. */
export const FOLD_OVER = 3;

/** Puts messages and changes in the order in which they happened; consecutive changes stand together. */
export function timeline(messages: Message[], history: HistoryEntry[]): Entry[] {
  const entries: Entry[] = [];
  const events = tellingOnly(history).sort(byTime);
  let next = 0;
  const takeUntil = (at: string | null) => {
    const together: HistoryEntry[] = [];
    for (let event = events[next]; event; event = events[++next]) {
      if (at !== null && Date.parse(event.created_at) > Date.parse(at)) break;
      together.push(event);
    }
    const first = together[0];
    if (first) entries.push({ kind: 'events', at: first.created_at, events: together });
  };
  for (const message of [...messages].sort(byTime)) {
    takeUntil(message.created_at);
    entries.push({ kind: 'message', at: message.created_at, message });
  }
  takeUntil(null);
  return entries;
}

/**
 * Without what is said already: that a ticket was opened (its first message), and that work began or
 * ended where the assignment of the same change says so.
 */
function tellingOnly(history: HistoryEntry[]): HistoryEntry[] {
  const assigned = new Set(history.filter((e) => e.kind === 'assignment').map((e) => e.version));
  return history.filter(
    (event) => event.kind !== 'status' || (event.from !== null && !assigned.has(event.version)),
  );
}

/** By time, and by number where the clock does not tell. */
function byTime(
  a: { created_at: string; id: number },
  b: { created_at: string; id: number },
): number {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id;
}
