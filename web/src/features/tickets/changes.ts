import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { Agent, Priority, Status, Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { drawTicket, putBack, takeTicket } from './cache';
import { keys } from './keys';

/** Who a ticket is given to. */
type Colleague = Pick<Agent, 'id' | 'firstname' | 'lastname' | 'email'>;

/** What staff change about a ticket. */
export type Change =
  | { kind: 'assign'; to: Colleague | null }
  /** To whoever's turn it is. */
  | { kind: 'next' }
  | { kind: 'status'; to: Status; reason?: string }
  | { kind: 'subject'; to: string }
  | { kind: 'priority'; to: Priority }
  | { kind: 'team'; to: NonNullable<Ticket['team']> | null }
  | { kind: 'tags'; to: string[] }
  | { kind: 'snooze'; until: string | null }
  | { kind: 'wake' };

/**
 * Changes a ticket: drawn at once, sent with the version that was on the screen, and taken back
 * with an explanation when the server refuses because of a rule (409) or another's change (412).
 */
export function useChange(ticket: Ticket) {
  const client = useQueryClient();
  const { t } = useTranslation('desk');
  const explain = useExplain();
  return useMutation({
    scope: { id: `ticket-${ticket.id}` },
    mutationFn: (change: Change) => sendChange(current(ticket), change),
    onMutate: async (change) => {
      // An answer that is on its way would otherwise draw over the change with what was before.
      await client.cancelQueries({ queryKey: keys.lists });
      await client.cancelQueries({ queryKey: keys.one(ticket.ticket_number) });
      return { before: drawTicket(client, drawn(current(ticket), change)) };
    },
    onSuccess: (saved) => {
      if (!takeTicket(client, saved)) void client.invalidateQueries({ queryKey: keys.counts });
      void client.invalidateQueries({ queryKey: keys.history(saved.id) });
      void client.invalidateQueries({ queryKey: keys.agents, refetchType: 'none' });
    },
    onError: (error, change, context) => {
      if (context) putBack(client, context.before);
      const why = change.kind === 'next' && isConflict(error) ? t('failed.nobody_free') : null;
      void notifyFailure(
        t('failed.title'),
        `${t(`failed.${change.kind}`, { number: ticket.ticket_number })} ${why ?? explain(error, change.kind === 'snooze' ? 'snooze' : undefined)}`,
      );
      for (const queryKey of [keys.one(ticket.ticket_number), keys.lists, keys.counts]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  });

  /** The newest version that this page has seen: an earlier change of ours may have raised it. */
  function current(drawnTicket: Ticket): Ticket {
    return client.getQueryData<Ticket>(keys.one(ticket.ticket_number)) ?? drawnTicket;
  }
}

function isConflict(error: Error): boolean {
  return error instanceof ApiError && error.code === 'conflict';
}

/** Sends one change. Also used by the composer, which changes the status after a message. */
export function sendChange(ticket: Ticket, change: Change): Promise<Ticket> {
  const headers = ifVersion(ticket.version);
  const params = { path: { ticket: String(ticket.id) } };
  switch (change.kind) {
    case 'assign':
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/assign', {
          params,
          headers,
          body: { assigned_to: change.to?.id ?? null },
        }),
      );
    case 'next':
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/assign', {
          params,
          headers,
          body: { assigned_to: 'auto' },
        }),
      );
    case 'status':
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/status', {
          params,
          headers,
          body: { status: change.to, ...(change.reason ? { reason: change.reason } : {}) },
        }),
      );
    case 'subject':
      return unwrap(
        app.PATCH('/api/v1/tickets/{ticket}', { params, headers, body: { subject: change.to } }),
      );
    case 'priority':
      return unwrap(
        app.PATCH('/api/v1/tickets/{ticket}', { params, headers, body: { priority: change.to } }),
      );
    case 'tags':
      return unwrap(
        app.PATCH('/api/v1/tickets/{ticket}', { params, headers, body: { tags: change.to } }),
      );
    case 'team':
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/assign', {
          params,
          headers,
          body: { team_id: change.to?.id ?? null },
        }),
      );
    case 'snooze':
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/snooze', {
          params,
          headers,
          body: { until: change.until },
        }),
      );
    case 'wake':
      return wake(ticket);
  }
}

/** Brings a ticket back; the server does not answer with it, so it is asked for. */
async function wake(ticket: Ticket): Promise<Ticket> {
  const params = { path: { ticket: String(ticket.id) } };
  await unwrap(app.DELETE('/api/v1/tickets/{ticket}/snooze', { params }));
  return unwrap(app.GET('/api/v1/tickets/{ticket}', { params }));
}

/** How a ticket will most likely look after a change. The server's answer has the last word. */
function drawn(ticket: Ticket, change: Change): Ticket {
  switch (change.kind) {
    case 'assign':
      return {
        ...ticket,
        assigned_to: change.to?.id ?? null,
        assignee: change.to,
        status: statusAfterAssignment(ticket.status, change.to),
      };
    case 'next':
      // Whose turn it is, only the server knows.
      return ticket;
    case 'status':
      return { ...ticket, status: change.to };
    case 'subject':
      return { ...ticket, subject: change.to };
    case 'priority':
      return { ...ticket, priority: change.to, priority_reason: 'manual' };
    case 'tags':
      return { ...ticket, tags: change.to };
    case 'team':
      return { ...ticket, team: change.to, team_id: change.to?.id ?? null };
    case 'snooze':
      return { ...ticket, snooze: { until: change.until } };
    case 'wake':
      return { ...ticket, snooze: null };
  }
}

/** An assignment starts the work and its end stops it; handing over changes nothing else. */
function statusAfterAssignment(status: Status, to: Colleague | null): Status {
  if (!to) return 'open';
  return status === 'open' ? 'in_progress' : status;
}
