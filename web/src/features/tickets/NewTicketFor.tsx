import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { fullName } from '~/ui/Initials';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import classes from './NewTicketFor.module.css';
import { ticketByNumber } from './queries';
import { TicketForm } from './TicketForm';
import { useStaffPart } from './useStaffPart';

/**
 * Staff open a ticket: for the requester of another ticket, who called or mentioned a second thing,
 * for anybody whom they name, or for themselves, which is how a new helpdesk is tried out.
 */
export function NewTicketFor() {
  const { from, follow } = useSearch({ strict: false });
  return <NewTicket key={from} from={from} follow={follow} />;
}

function NewTicket({ from, follow }: { from: string | undefined; follow: boolean | undefined }) {
  const { t } = useTranslation('tickets');
  useTitle(t('new.title'));
  const { t: join } = useTranslation('joining');
  const besides = useStaffPart(from);
  const other = useQuery({ ...ticketByNumber(from ?? ''), enabled: from !== undefined });
  if (from !== undefined && other.isError) {
    return <ErrorState title={t('new.nobody')} error={other.error} />;
  }
  if (from !== undefined && !other.data) return <EmptyState title={t('new.title')} />;
  const requester = other.data?.requester;
  const someone = requester ?? besides.requester;
  const followed = follow && other.data?.status === 'closed' ? other.data : undefined;
  return (
    <div className={classes.page}>
      <h1 className={page.title}>
        {followed ? join('follow.title', { number: followed.ticket_number }) : t('new.title')}
      </h1>
      <p className={page.intro}>
        {someone ? t('new.for', { name: fullName(someone) }) : t('new.for_me')}
      </p>
      <div className={page.card}>
        <TicketForm requester={requester?.id} followUpOf={followed?.id} besides={besides} />
      </div>
    </div>
  );
}
