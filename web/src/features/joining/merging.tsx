import { Button } from '@mantine/core';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import type { Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { messages, notifyFailure } from '~/ui/notify';
import { takeTicket } from '../tickets/cache';
import { useView } from '../tickets/useQueue';

/** How long a way back is offered. */
const OFFERED_MS = 12_000;

/** Everything of tickets may be another way after two became one, or one two. */
function renew(client: QueryClient, saved: Ticket): void {
  takeTicket(client, saved);
  void client.invalidateQueries({ queryKey: ['tickets'] });
}

/** Merges a ticket into another one, goes there, and offers the way back. */
export function useMerge(ticket: Ticket) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const view = useView();
  const part = usePart(ticket);
  return useMutation({
    mutationFn: (into: string) =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/merge', {
          params: { path: { ticket: String(ticket.id) } },
          headers: ifVersion(ticket.version),
          body: { into },
        }),
      ),
    onSuccess: async (survivor) => {
      renew(client, survivor);
      await navigate({
        to: '/tickets/$number',
        params: { number: survivor.ticket_number },
        search: { view },
      });
      await offer(ticket, survivor, () => part.mutate());
    },
  });
}

/** Undoes a ticket's merge, and goes back to it. */
export function usePart(ticket: Ticket) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const view = useView();
  const { t } = useTranslation('merging');
  const explain = useExplain();
  return useMutation({
    mutationFn: () =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/unmerge', {
          params: { path: { ticket: String(ticket.id) } },
        }),
      ),
    onSuccess: async (parted) => {
      renew(client, parted);
      await navigate({
        to: '/tickets/$number',
        params: { number: parted.ticket_number },
        search: { view },
      });
    },
    onError: (error) => {
      const number = ticket.ticket_number;
      void notifyFailure(
        t('undo.failed_title'),
        `${t('undo.failed', { number })} ${explain(error, 'unmerge')}`,
      );
    },
  });
}

async function offer(ticket: Ticket, survivor: Ticket, undo: () => void): Promise<void> {
  const { notifications } = await messages();
  const id = `merge-${ticket.id}`;
  const say = i18next.getFixedT(null, 'merging');
  notifications.show({
    id,
    title: say('merge.done', { number: ticket.ticket_number }),
    message: (
      <>
        {say('merge.done_text', { into: survivor.ticket_number })}{' '}
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {say('undo.open')}
        </Button>
      </>
    ),
    autoClose: OFFERED_MS,
    withBorder: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  });
}
