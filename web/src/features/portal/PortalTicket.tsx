import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { HistoryEntry, Status, Ticket } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { fullName } from '~/ui/Initials';
import { IconArrowLeft } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { DropZone } from '../attachments/DropZone';
import { useFiles } from '../attachments/useFiles';
import { FieldFacts } from '../fields/FieldFacts';
import { GoesOn } from '../joining/GoesOn';
import { EventLines } from '../messages/EventLines';
import { type Perspective, Thread } from '../messages/Thread';
import { RateCard } from '../satisfaction/RateCard';
import { usePerson } from '../session/session';
import { useMarkRead } from '../tickets/useMarkRead';
import { useOpenedTicket } from '../tickets/useOpenedTicket';
import classes from './PortalTicket.module.css';
import { PublicStatus } from './PublicStatus';
import { ReplyBox } from './ReplyBox';
import { Solved } from './Solved';
import { TicketSteps } from './TicketSteps';

/** One of the customer's tickets: where it stands, what was said, and what they can do now. */
export function PortalTicket() {
  const { t } = useTranslation('tickets');
  const ticket = useOpenedTicket();
  if (ticket.data) return <OpenTicket key={ticket.data.id} ticket={ticket.data} />;
  if (!ticket.isError)
    return (
      <p role="status" className="visually-hidden">
        {t('rail.tickets')}…
      </p>
    );
  const gone = ticket.error instanceof ApiError && [403, 404, 422].includes(ticket.error.status);
  return gone ? (
    <EmptyState title={t('missing.title')} text={t('missing.text')} />
  ) : (
    <ErrorState title={t('error')} error={ticket.error} onRetry={() => void ticket.refetch()} />
  );
}

function OpenTicket({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation(['portal', 'orders']);
  useTitle(ticket.subject);
  useMarkRead(ticket);
  const files = useFiles(`${ticket.id} reply`);
  const perspective = useCustomerPerspective(ticket);
  return (
    <>
      <Link to="/" className={classes.back}>
        <IconArrowLeft size={16} aria-hidden="true" /> {t('my_tickets')}
      </Link>
      <h1 className={page.title}>{ticket.subject}</h1>
      <p className={classes.meta}>
        <PublicStatus status={ticket.status} />
        <span className="tabular">{ticket.ticket_number}</span>
        {ticket.order_id && <span>{t('orders:yours', { id: ticket.order_id })}</span>}
      </p>
      <GoesOn ticket={ticket} />
      <TicketSteps status={ticket.status} />
      {['resolved', 'closed'].includes(ticket.status) && <RateCard ticket={ticket} />}
      <FieldFacts ticket={ticket} />
      <DropZone
        className={`${page.card} ${classes.conversation}`}
        off={ticket.status === 'closed'}
        onFiles={(dropped) => void files.add(dropped)}
      >
        <Thread ticket={ticket} perspective={perspective} />
        {ticket.status === 'resolved' && <Solved ticket={ticket} />}
        <ReplyBox ticket={ticket} />
      </DropZone>
    </>
  );
}

/** The conversation as the customer sees it: theirs on the right, the team on the left. */
function useCustomerPerspective(ticket: Ticket): Perspective {
  const { t } = useTranslation('portal');
  const { t: say } = useTranslation('messages');
  const me = usePerson();
  const { assignee } = ticket;
  return useMemo(() => {
    const sentence = (event: HistoryEntry) =>
      event.kind === 'status' && event.from === null
        ? t('event.opened')
        : t(`event.${event.to as Status}`);
    return {
      speaker: ({ sender_id, sender_type, sender_name }) => {
        if (sender_type === 'customer') return { name: say('you'), person: me };
        if (sender_type === 'system') return { name: say('system'), person: null };
        const person = assignee && assignee.id === sender_id ? assignee : null;
        return { name: person ? fullName(person) : (sender_name ?? say('team')), person };
      },
      side: ({ sender_type }) => (sender_type === 'customer' ? 'ours' : 'theirs'),
      events: (events) => (
        <EventLines events={events.filter(({ kind }) => kind === 'status')} sentence={sentence} />
      ),
    };
  }, [assignee, me, say, t]);
}
