import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { app, unwrap } from '~/api/client';
import { useDraft } from '../messages/drafts';
import { keys } from '../tickets/keys';

/** How often one says that one is here: three times while a word counts. */
const BEAT_MS = 10_000;
/** For so long after the last key somebody is writing. */
const PAUSE_MS = 5000;

/** Says that one is at a ticket, reading or writing, and who else is. */
export function usePresence(ticketId: number) {
  const state = useIsTyping(ticketId) ? 'typing' : 'viewing';
  const others = useQuery({
    queryKey: keys.presence(ticketId),
    queryFn: async ({ signal }) => (await tell(ticketId, state, signal)).data,
    refetchInterval: BEAT_MS,
    gcTime: 0,
    retry: false,
  });
  const { refetch } = others;
  const told = useRef(state);
  useEffect(() => {
    if (told.current === state) return;
    told.current = state;
    void refetch();
  }, [state, refetch]);
  useEffect(() => {
    return () => {
      // Whoever is not heard any more is gone by themselves; this is only sooner.
      tell(ticketId, 'gone').catch(() => null);
    };
  }, [ticketId]);
  return others.data ?? [];
}

function tell(ticketId: number, state: 'viewing' | 'typing' | 'gone', signal?: AbortSignal) {
  return unwrap(
    app.POST('/api/v1/tickets/{ticket}/presence', {
      params: { path: { ticket: String(ticketId) } },
      body: { state },
      signal,
    }),
  );
}

/** Whether something was written a moment ago. */
function useIsTyping(ticketId: number): boolean {
  const { reply, note } = useDraft(ticketId);
  const last = useRef(`${reply}\n${note}`);
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    const text = `${reply}\n${note}`;
    if (last.current === text) return;
    last.current = text;
    // What was sent or thrown away is not being written.
    setTyping(text.trim() !== '');
    const pause = setTimeout(() => setTyping(false), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [reply, note]);
  return typing;
}
