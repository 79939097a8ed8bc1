import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconArrowLeft, IconCheck, IconCopy, IconLayoutSidebarRight } from '~/ui/icons';
import { MoreMenu } from '../joining/MoreMenu';
import { Presence } from '../joining/Presence';
import { SnoozeMenu } from '../snooze/SnoozeMenu';
import { AssignMenu } from './AssignMenu';
import { PriorityMenu } from './PriorityMenu';
import { StatusMenu } from './StatusMenu';
import { Subject } from './Subject';
import classes from './TicketPage.module.css';
import { useQueueSearch } from './useQueue';

/** The ticket's name, and what can be done to it. */
export function TicketHeader(props: { ticket: Ticket; panelShown: boolean; onPanel: () => void }) {
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  const { ticket } = props;
  const search = useQueueSearch();
  const navigate = useNavigate();
  const clipboard = useClipboard({ timeout: 1500 });
  const toggle = t(props.panelShown ? 'panel.hide' : 'panel.show');
  return (
    <header className={classes.head}>
      <div className={classes.top}>
        <ActionIcon
          className={classes.back}
          variant="subtle"
          color="gray"
          aria-label={t('header.back')}
          onClick={() => void navigate({ to: '/', search })}
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Subject ticket={ticket} />
        <button
          type="button"
          className={classes.number}
          aria-label={t('header.copy', { number: ticket.ticket_number })}
          onClick={() => clipboard.copy(ticket.ticket_number)}
        >
          {ticket.ticket_number}
          {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          <span role="status" className="visually-hidden">
            {clipboard.copied && common('copied')}
          </span>
        </button>
        <MoreMenu ticket={ticket} />
        <Tooltip label={toggle}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={toggle}
            aria-expanded={props.panelShown}
            onClick={props.onPanel}
          >
            <IconLayoutSidebarRight size={18} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.controls}>
        <StatusMenu ticket={ticket} />
        <AssignMenu ticket={ticket} />
        <PriorityMenu ticket={ticket} />
        <SnoozeMenu ticket={ticket} />
        <Presence ticketId={ticket.id} />
      </div>
    </header>
  );
}
