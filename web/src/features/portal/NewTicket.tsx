import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { DropZone } from '../attachments/DropZone';
import { useFiles } from '../attachments/useFiles';
import { ticketByNumber } from '../tickets/queries';
import { formName, TicketForm } from '../tickets/TicketForm';

/** A customer asks for help, or for more of it after a ticket was closed. */
export function NewTicket() {
  const { t } = useTranslation('portal');
  const { t: join } = useTranslation('joining');
  const { from } = useSearch({ strict: false });
  const before = useQuery({ ...ticketByNumber(from ?? ''), enabled: from !== undefined });
  const files = useFiles(`new ${formName({ followUpOf: before.data?.id })}`);
  useTitle(t('form.title'));
  if (from !== undefined && before.isError) {
    return <ErrorState title={join('follow.gone')} error={before.error} />;
  }
  if (from !== undefined && !before.data) return <EmptyState title={t('form.title')} />;
  const title = before.data
    ? join('follow.title', { number: before.data.ticket_number })
    : t('form.title');
  return (
    <>
      <h1 className={page.title}>{title}</h1>
      <p className={page.intro}>{before.data ? join('follow.intro') : t('form.intro')}</p>
      <DropZone className={page.card} onFiles={(dropped) => void files.add(dropped)}>
        <TicketForm followUpOf={before.data?.id} suggests files />
      </DropZone>
    </>
  );
}
