import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconTicket } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { useTitle } from '~/ui/useTitle';
import { ticketList } from '../tickets/queries';
import classes from './MyTickets.module.css';
import { PublicStatus } from './PublicStatus';

/** A customer's tickets, newest first; the server shows them no others. */
export function MyTickets() {
  const { t } = useTranslation('portal');
  useTitle(t('my_tickets'));
  const list = useInfiniteQuery(ticketList({}));
  const tickets = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <h1 className={page.title}>{t('my_tickets')}</h1>
      <div className={page.card}>
        {list.isPending ? (
          <Promised label={t('my_tickets')} />
        ) : list.isError && !list.data ? (
          <ErrorState
            title={t('list_error')}
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : tickets.length === 0 ? (
          <EmptyState
            icon={<IconTicket size={24} stroke={1.5} />}
            title={t('empty_title')}
            text={t('empty_text')}
          >
            <Button component={Link} to="/tickets/new">
              {t('new')}
            </Button>
          </EmptyState>
        ) : (
          <ul className={classes.list}>
            {tickets.map((ticket) => (
              <Row key={ticket.id} ticket={ticket} />
            ))}
          </ul>
        )}
      </div>
      {list.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('more')}
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('portal');
  return (
    <li>
      <Link
        to="/tickets/$number"
        params={{ number: ticket.ticket_number }}
        className={classes.row}
        data-unread={ticket.unread_count > 0 || undefined}
      >
        <span className={classes.subject}>{ticket.subject}</span>
        {ticket.unread_count > 0 && <span className={classes.answered}>{t('answered')}</span>}
        <span className={classes.meta}>
          <PublicStatus status={ticket.status} />
          <span>{ticket.ticket_number}</span>
          <RelativeTime at={ticket.created_at} />
        </span>
      </Link>
    </li>
  );
}

function Promised({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className={classes.promised}>
      {[70, 55, 62, 48].map((width) => (
        <Skeleton key={width} height={14} width={`${width}%`} />
      ))}
    </div>
  );
}
