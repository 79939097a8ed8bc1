import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { app, unwrap } from '~/api/client';
import type { Ticket } from '~/api/types';
import { knownTicket, takeTicket } from './cache';

/** Marks a ticket read when it is open before somebody's eyes, not in a tab behind others. */
export function useMarkRead(ticket: Ticket): void {
  const client = useQueryClient();
  const { id, unread_count: unread } = ticket;
  const { mutate } = useMutation({
    mutationFn: () =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/read', { params: { path: { ticket: String(id) } } }),
      ),
    onSuccess: () => {
      const known = knownTicket(client, id);
      if (known) takeTicket(client, { ...known, unread_count: 0 });
    },
  });
  useEffect(() => {
    if (unread === 0) return;
    const read = () => document.visibilityState === 'visible' && mutate();
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [unread, mutate]);
}
