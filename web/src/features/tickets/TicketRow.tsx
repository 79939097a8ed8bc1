import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Priority, Ticket } from '~/api/types';
import { fullName, Initials } from '~/ui/Initials';
import { RelativeTime } from '~/ui/RelativeTime';
import { SlaChip } from '../sla/SlaChip';
import { PriorityMark, StatusMark } from './Marks';
import type { QueueSearch } from './narrowing';
import classes from './TicketRow.module.css';
import type { Sort } from './views';

/** Height of a row in pixels; the list counts on it. */
export const ROW_HEIGHT = 84;

/** Priorities worth a word in every row; the others would only be noise. */
const PRESSING = new Set<Priority>(['high', 'urgent']);

/** One ticket in the console's list. */
export function TicketRow(props: {
  ticket: Ticket;
  search: QueueSearch;
  open: boolean;
  index: number;
}) {
  const { t } = useTranslation('tickets');
  const { ticket } = props;
  const unread = ticket.unread_count > 0;
  return (
    <Link
      to="/tickets/$number"
      params={{ number: ticket.ticket_number }}
      search={props.search}
      className={classes.row}
      data-index={props.index}
      data-state={ticket.status}
      data-unread={unread || undefined}
      aria-current={props.open ? 'page' : undefined}
    >
      <span className={classes.line}>
        <span className={classes.who}>{fullName(ticket.requester)}</span>
        {unread && (
          <span className={classes.unread}>
            <span aria-hidden="true">{Math.min(ticket.unread_count, 99)}</span>
            <span className="visually-hidden">
              {t('list.unread_count', { count: ticket.unread_count })}
            </span>
          </span>
        )}
        <RelativeTime at={timeShown(ticket, props.search.sort)} className={classes.when} />
      </span>
      <span className={classes.subject}>{ticket.subject}</span>
      <span className={classes.line}>
        <span className={classes.number}>{ticket.ticket_number}</span>
        <StatusMark status={ticket.status} short />
        <span className={classes.end}>
          <SlaChip sla={ticket.sla} />
          {PRESSING.has(ticket.priority) && <PriorityMark priority={ticket.priority} />}
          {ticket.assignee && (
            <span title={t('header.assignee', { name: fullName(ticket.assignee) })}>
              <Initials person={ticket.assignee} size={20} />
              <span className="visually-hidden">
                {t('header.assignee', { name: fullName(ticket.assignee) })}
              </span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}

/** The time that the list is sorted by, where it has passed. */
function timeShown(ticket: Ticket, sort: Sort | undefined): string {
  if (sort?.endsWith('updated_at')) return ticket.updated_at;
  return (sort === 'waiting' && ticket.waiting_since) || ticket.created_at;
}
