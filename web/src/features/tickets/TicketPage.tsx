import { Drawer } from '@mantine/core';
import { useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { Ticket } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { useTitle } from '~/ui/useTitle';
import { DropZone } from '../attachments/DropZone';
import { useFiles } from '../attachments/useFiles';
import { GoesOn } from '../joining/GoesOn';
import { UndoMerge } from '../joining/UndoMerge';
import { LinkForm } from '../links/LinkForm';
import { Composer } from '../messages/Composer';
import { useDraft } from '../messages/drafts';
import { Thread } from '../messages/Thread';
import { TicketHeader } from './TicketHeader';
import classes from './TicketPage.module.css';
import { TicketPanel } from './TicketPanel';
import { useMarkRead } from './useMarkRead';
import { useOpenedTicket } from './useOpenedTicket';
import { useStaffPerspective } from './useStaffPerspective';

/** The open ticket in the console, or why it cannot be shown. */
export function TicketPage() {
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
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  useTitle(`${ticket.ticket_number} ${ticket.subject}`);
  useMarkRead(ticket);
  const files = useFiles(`${ticket.id} ${useDraft(ticket.id).mode}`);
  const perspective = useStaffPerspective(ticket);
  const wide = useMediaQuery('(min-width: 1280px)', true, { getInitialValueInEffect: false });
  const [beside, setBeside] = useLocalStorage({ key: 'hd-panel', defaultValue: true });
  const [drawer, setDrawer] = useState(false);
  const [linking, setLinking] = useState(false);
  useEffect(() => {
    if (wide) setDrawer(false);
  }, [wide]);
  const panel = <TicketPanel ticket={ticket} onLink={() => setLinking(true)} />;
  return (
    <div className={classes.ticket} data-panel={(wide && beside) || undefined}>
      <DropZone
        className={classes.conversation}
        off={ticket.status === 'closed'}
        onFiles={(dropped) => void files.add(dropped)}
      >
        <TicketHeader
          ticket={ticket}
          panelShown={wide ? beside : drawer}
          onPanel={() => (wide ? setBeside(!beside) : setDrawer(true))}
        />
        <GoesOn ticket={ticket} undo={<UndoMerge ticket={ticket} />} />
        <Thread ticket={ticket} perspective={perspective} />
        <Composer ticket={ticket} />
      </DropZone>
      {wide && beside && panel}
      {!wide && (
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          // The form above it is closed first.
          closeOnEscape={!linking}
          position="right"
          size={340}
          title={t('panel.label')}
          closeButtonProps={{ 'aria-label': common('close') }}
        >
          {panel}
        </Drawer>
      )}
      {/* Not inside the drawer: what is typed there does not go with it. */}
      {linking && <LinkForm ticket={ticket} onClose={() => setLinking(false)} />}
    </div>
  );
}
