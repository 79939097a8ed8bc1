import { type InfiniteData, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import type { Agent, Message, MessagePage, Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { fullName } from '~/ui/Initials';
import { notifyFailure } from '~/ui/notify';
import { giveFilesBack, type Place } from '../attachments/rows';
import type { Attachment } from '../attachments/types';
import { lookAfter } from '../attachments/useFiles';
import { namedIn, unseeing } from '../mentions/named';
import { keys } from '../tickets/keys';
import { agentList } from '../tickets/queries';
import { changeDraft, draftOf, type Mode } from './drafts';
import { afterKeeping } from './turns';

export type Outgoing = {
  text: string;
  mode: Mode;
  /** A customer's word that a solution was none. */
  reopen?: boolean;
  /** What goes with it. */
  files?: Attachment[];
};

type Pages = InfiniteData<MessagePage, string | null>;

/** Ids of messages that only this page knows yet are negative; the server's never are. */
export function isPending(message: Message): boolean {
  return message.id < 0;
}

/**
 * Sends a message: it stands in the conversation at once, and back in the field when it could not
 * be sent. `before` and `after` are what "send and …" does around it.
 */
export function useSend(ticket: Ticket, me: { id: number; side: 'agent' | 'customer' }) {
  const client = useQueryClient();
  const { t } = useTranslation(['messages', 'desk']);
  const explain = useExplain();
  const key = keys.messages(ticket.id);
  const namedBy = ({ text }: Outgoing, agents: Agent[]) =>
    namedIn(
      text,
      agents.filter(({ id }) => id !== me.id),
    );
  return useMutation({
    scope: { id: `ticket-${ticket.id}` },
    mutationFn: async (out: Outgoing & { id: string }) => {
      const names = out.mode === 'note' && out.text.includes('@');
      const named = names ? namedBy(out, await client.ensureQueryData(agentList)) : [];
      const body = {
        message: out.text,
        ...(me.side === 'agent' ? { is_internal: out.mode === 'note' } : {}),
        ...(out.reopen ? { reopen: true } : {}),
        ...(out.files?.length ? { attachment_ids: out.files.map(({ id }) => id) } : {}),
        ...(named.length > 0 ? { mentions: named.map(({ id }) => id) } : {}),
      };
      return afterKeeping(ticket.id, out.mode, () =>
        unwrap(
          app.POST('/api/v1/tickets/{ticket}/messages', {
            params: { path: { ticket: String(ticket.id) } },
            headers: once(out.id),
            body,
          }),
        ),
      );
    },
    onMutate: async (out) => {
      await client.cancelQueries({ queryKey: key });
      const pending = drawn(ticket.id, me, out);
      client.setQueryData<Pages>(key, (pages) => pages && append(pages, pending));
      changeDraft(ticket.id, { [out.mode]: '' });
      return { pending };
    },
    onSuccess: (message, _out, context) => {
      client.setQueryData<Pages>(
        key,
        (pages) => pages && append(without(pages, context.pending.id), message),
      );
    },
    onError: (error, out, context) => {
      if (context) {
        client.setQueryData<Pages>(key, (pages) => pages && without(pages, context.pending.id));
      }
      // Whatever was typed meanwhile stays; the text that failed stands before it.
      const typed = draftOf(ticket.id)[out.mode];
      changeDraft(ticket.id, { [out.mode]: typed ? `${out.text}\n\n${typed}` : out.text });
      if (out.files?.length) {
        const place: Place = `${ticket.id} ${out.mode}`;
        giveFilesBack(place, out.files);
        lookAfter(place);
      }
      const agents = client.getQueryData(agentList.queryKey) ?? [];
      const blind = unseeing(error, namedBy(out, agents));
      const why = blind ? t('desk:mention.unseen', { name: fullName(blind) }) : explain(error);
      void notifyFailure(t('composer.failed_title'), `${why} ${t('composer.failed_text')}`);
    },
    // What else the message changed (unread, status) comes by the live stream, as for everybody.
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

function drawn(
  ticketId: number,
  me: { id: number; side: 'agent' | 'customer' },
  out: Outgoing,
): Message {
  const now = new Date().toISOString();
  return {
    id: -Date.now(),
    ticket_id: ticketId,
    sender_id: me.id,
    sender_type: me.side,
    message: out.text,
    // Shown as it was typed until the server has made HTML of it.
    message_html: '',
    is_internal: out.mode === 'note',
    attachments: out.files ?? [],
    read_at: null,
    created_at: now,
    updated_at: now,
  } as Message;
}

function append(pages: Pages, message: Message): Pages {
  const last = pages.pages.length - 1;
  return {
    ...pages,
    pages: pages.pages.map((page, index) =>
      index === last && !page.data.some(({ id }) => id === message.id)
        ? { ...page, data: [...page.data, message] }
        : page,
    ),
  };
}

function without(pages: Pages, id: number): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      data: page.data.filter((message) => message.id !== id),
    })),
  };
}
