import { queryOptions, useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { app, unwrap } from '~/api/client';
import { draftOf, type Mode, restoreDraft, useDraft } from './drafts';
import { afterAll, afterKeeping } from './turns';

/** For so long nobody has typed when what is written is kept. */
const PAUSE_MS = 800;
/** For so long a message waits at most for the draft that is on its way. */
const PATIENCE_MS = 10_000;

/** Whether the server has what is written; null as long as there is nothing to say. */
export type Kept = 'kept' | 'failed' | null;

type Texts = Record<Mode, string>;

/** What somebody has written at a ticket and not sent. */
export function keptDraft(ticketId: number) {
  return queryOptions({
    queryKey: ['draft', ticketId],
    queryFn: ({ signal }) =>
      unwrap(
        app.GET('/api/v1/tickets/{ticket}/draft', {
          params: { path: { ticket: String(ticketId) } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    // Whoever comes back gets what was written meanwhile elsewhere.
    gcTime: 0,
  });
}

/** Keeps what somebody writes at a ticket on the server, for them alone, and takes it up again. */
export function useKeptDraft(ticketId: number): Kept {
  const draft = useDraft(ticketId);
  const there = useRef<Texts>({ reply: '', note: '' });
  const [kept, setKept] = useState<Kept>(null);
  const before = useQuery(keptDraft(ticketId));
  useEffect(() => {
    if (!before.data) return;
    const { reply, note } = before.data;
    there.current = { reply: reply?.message ?? '', note: note?.message ?? '' };
    restoreDraft(ticketId, there.current);
  }, [before.data, ticketId]);
  const ready = !before.isPending;
  useKeeping({ ticketId, mode: 'reply', text: draft.reply, there, ready, setKept });
  useKeeping({ ticketId, mode: 'note', text: draft.note, there, ready, setKept });
  return kept;
}

function useKeeping(props: {
  ticketId: number;
  mode: Mode;
  text: string;
  there: RefObject<Texts>;
  ready: boolean;
  setKept: (kept: Kept) => void;
}): void {
  const { ticketId, mode, text, there, ready, setKept } = props;
  useEffect(() => {
    if (!ready || text === there.current[mode]) return;
    const send = () => void keep(ticketId, mode, text, there).then(setKept);
    // What was sent or given up is not taken up again, even if the page is closed at once.
    if (!text.trim()) return send();
    const pause = setTimeout(send, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [ticketId, mode, text, there, ready, setKept]);
  useEffect(
    () => () => {
      const last = draftOf(ticketId)[mode];
      if (last !== there.current[mode] && last.trim()) void keep(ticketId, mode, last, there);
    },
    [ticketId, mode, there],
  );
}

async function keep(
  ticketId: number,
  mode: Mode,
  text: string,
  there: RefObject<Texts>,
): Promise<Kept> {
  const path = { ticket: String(ticketId) };
  const before = there.current[mode];
  there.current = { ...there.current, [mode]: text };
  try {
    if (text.trim()) {
      const body = { mode, message: text };
      await afterAll(ticketId, mode, () => {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        return unwrap(
          app.PUT('/api/v1/tickets/{ticket}/draft', { params: { path }, body, signal }),
        );
      });
      return 'kept';
    }
    const query = { mode };
    await afterKeeping(ticketId, mode, () =>
      unwrap(app.DELETE('/api/v1/tickets/{ticket}/draft', { params: { path, query } })),
    );
    return null;
  } catch {
    // Said beside the field; the next key that is pressed tries again, unless it has already.
    if (there.current[mode] === text) there.current = { ...there.current, [mode]: before };
    return 'failed';
  }
}
