import { Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode, Suspense, useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryEntry, Message, Ticket } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { daysBetween } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { Files, OwnFiles } from '../attachments/lazily';
import { ticketHistory } from '../tickets/history';
import { Arrived } from './Arrived';
import { Body } from './Body';
import { Bubble, type Side, type Speaker } from './Bubble';
import { messageList } from './queries';
import { isPending } from './send';
import classes from './Thread.module.css';
import { timeline } from './timeline';

/** How the reader sees the conversation: who is who, which side is theirs, what a change reads like. */
export type Perspective = {
  speaker: (message: Pick<Message, 'sender_id' | 'sender_type' | 'sender_name'>) => Speaker;
  side: (message: Pick<Message, 'sender_type' | 'is_internal'>) => Side;
  events: (events: HistoryEntry[]) => ReactNode;
  /** What can be done with a message, where something can. */
  actions?: (message: Message) => ReactNode;
};

/** A ticket's conversation, from its description to the last word. It opens at the end. */
export function Thread({ ticket, perspective }: { ticket: Ticket; perspective: Perspective }) {
  const { t } = useTranslation(['messages', 'tickets']);
  const history = useQuery(ticketHistory(ticket.id));
  const messages = useInfiniteQuery(messageList(ticket.id));
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = messages;
  useEffect(() => {
    // A conversation is read as a whole; pages only keep single answers small.
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const entries = useMemo(
    () => timeline(messages.data ?? [], history.data ?? []),
    [messages.data, history.data],
  );
  const asked = { sender_id: ticket.user_id, sender_type: 'customer' as const, is_internal: false };
  let day = dayOf(ticket.created_at);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={classes.scroll} tabIndex={0} aria-label={t('thread')}>
        <div className={classes.thread}>
          <Day at={ticket.created_at} />
          <Bubble
            side={perspective.side(asked)}
            speaker={perspective.speaker(asked)}
            at={ticket.created_at}
          >
            <Body html={ticket.description_html} text={ticket.description} />
            <Suspense fallback={null}>
              <OwnFiles ticket={ticket} />
            </Suspense>
          </Bubble>
          {messages.isPending && <Waiting label={t('loading')} />}
          {messages.isError && !messages.data && (
            <ErrorState
              title={t('error')}
              error={messages.error}
              onRetry={() => void messages.refetch()}
            />
          )}
          {entries.map((entry) => {
            const another = dayOf(entry.at) !== day;
            day = dayOf(entry.at);
            return (
              <Fragment key={entry.kind === 'message' ? `m${entry.message.id}` : `e${entry.at}`}>
                {another && <Day at={entry.at} />}
                {entry.kind === 'events' ? (
                  perspective.events(entry.events)
                ) : (
                  <Said ticket={ticket} message={entry.message} perspective={perspective} />
                )}
              </Fragment>
            );
          })}
          {history.isError && !history.data && (
            <ErrorState
              title={t('tickets:panel.history')}
              error={history.error}
              onRetry={() => void history.refetch()}
            />
          )}
          {isFetchNextPageError && !isFetching && (
            <ErrorState
              title={t('error')}
              error={messages.error}
              onRetry={() => void fetchNextPage()}
            />
          )}
        </div>
      </section>
      <Arrived
        messages={hasNextPage ? null : (messages.data ?? null)}
        nameOf={(message) => perspective.speaker(message).name}
      />
    </>
  );
}

function Said(props: { ticket: Ticket; message: Message; perspective: Perspective }) {
  const { ticket, message, perspective } = props;
  return (
    <Bubble
      id={isPending(message) ? undefined : `message-${message.id}`}
      side={perspective.side(message)}
      speaker={perspective.speaker(message)}
      at={message.created_at}
      pending={isPending(message)}
      actions={isPending(message) ? null : perspective.actions?.(message)}
    >
      <Body html={message.message_html} text={message.message} />
      {message.attachments.length > 0 && (
        <Suspense fallback={null}>
          <Files ticket={ticket} files={message.attachments} />
        </Suspense>
      )}
    </Bubble>
  );
}

function Day({ at }: { at: string }) {
  const { t, i18n } = useTranslation('messages');
  const now = useNow();
  const days = daysBetween(Date.parse(at), now);
  const label =
    days <= 0
      ? t('today')
      : days === 1
        ? t('yesterday')
        : new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full' }).format(Date.parse(at));
  return (
    <div className={classes.day}>
      <span>{label}</span>
    </div>
  );
}

/** The reader's own calendar day. */
function dayOf(at: string): string {
  return new Date(at).toDateString();
}

function Waiting({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className={classes.waiting}>
      <Skeleton height={72} width="70%" radius={12} />
      <Skeleton height={56} width="60%" radius={12} ml="auto" />
    </div>
  );
}
