import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { type Fact, Facts } from '~/ui/Facts';
import { fullName, Initials } from '~/ui/Initials';
import { IconFilter, IconPlus } from '~/ui/icons';
import { Outstanding } from '~/ui/Outstanding';
import { RelativeTime } from '~/ui/RelativeTime';
import { TicketFiles } from '../attachments/lazily';
import { AboutTicket } from '../fields/AboutTicket';
import { Links } from '../links/Links';
import { OrderCard } from '../orders/OrderCard';
import { Satisfaction } from '../satisfaction/Satisfaction';
import { SlaClocks } from '../sla/SlaClocks';
import { TicketTags } from '../tags/TicketTags';
import { Watching } from '../watchers/Watching';
import { ticketHistory } from './history';
import { StatusMark } from './Marks';
import { PanelSection } from './PanelSection';
import { ticketList } from './queries';
import { TeamField } from './TeamField';
import classes from './TicketPanel.module.css';
import { usePriorityReason } from './usePriorityReason';
import { useQueueSearch } from './useQueue';
import { useSentence } from './useStaffPerspective';

/** How many other tickets of the requester are worth a look. */
const OTHERS = 6;

/** The right side: who asks, what else they asked, what is known about the ticket, how it got here. */
export function TicketPanel({ ticket, onLink }: { ticket: Ticket; onLink: () => void }) {
  const { t } = useTranslation(['tickets', 'sla', 'desk', 'orders', 'attachments']);
  return (
    <aside className={classes.panel} aria-label={t('panel.label')}>
      <PanelSection title={t('panel.requester')}>
        <div className={classes.person}>
          <Initials person={ticket.requester} size={36} />
          <span className={classes.names}>
            <strong>{fullName(ticket.requester)}</strong>
            {ticket.requester.email && (
              <a href={`mailto:${ticket.requester.email}`}>{ticket.requester.email}</a>
            )}
          </span>
        </div>
      </PanelSection>
      <PanelSection title={t('sla:title')}>
        <SlaClocks ticket={ticket} />
      </PanelSection>
      <Satisfaction ticket={ticket} />
      {ticket.order_id && (
        <PanelSection title={t('orders:title')}>
          <OrderCard ticket={ticket} />
        </PanelSection>
      )}
      <PanelSection title={t('desk:about.title')}>
        <div className={classes.about}>
          <TeamField ticket={ticket} />
          <TicketTags ticket={ticket} />
          <AboutTicket ticket={ticket} />
        </div>
      </PanelSection>
      <PanelSection title={t('attachments:panel.title')}>
        <Suspense fallback={null}>
          <TicketFiles ticket={ticket} />
        </Suspense>
      </PanelSection>
      <PanelSection title={t('desk:links.heading')}>
        <Links ticket={ticket} onAdd={onLink} />
      </PanelSection>
      <PanelSection title={t('desk:watch.title')}>
        <Watching ticket={ticket} />
      </PanelSection>
      <Others ticket={ticket} />
      <Properties ticket={ticket} />
      <History ticket={ticket} />
    </aside>
  );
}

function Others({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('tickets');
  const { t: desk } = useTranslation('desk');
  const search = useQueueSearch();
  const list = useInfiniteQuery(ticketList({ user_id: ticket.user_id }, OTHERS + 1));
  const others = (list.data?.pages[0]?.data ?? []).filter(({ id }) => id !== ticket.id);
  return (
    <PanelSection title={t('panel.others')}>
      {!list.data && <Outstanding query={list} />}
      {list.data && others.length === 0 && <p className={classes.none}>{t('panel.others_none')}</p>}
      <ul className={classes.others}>
        {others.slice(0, OTHERS).map((other) => (
          <li key={other.id}>
            <Link
              to="/tickets/$number"
              params={{ number: other.ticket_number }}
              search={search}
              className={classes.other}
            >
              <span className={classes.subject}>{other.subject}</span>
              <span className={classes.meta}>
                <StatusMark status={other.status} short />
                <RelativeTime at={other.created_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <Link
          to="/"
          search={{ view: 'all', user_id: String(ticket.user_id) }}
          className={classes.more}
        >
          <IconFilter size={14} aria-hidden="true" />
          {desk('about.all_of', { name: ticket.requester.firstname })}
        </Link>
      )}
      <Link to="/tickets/new" search={{ from: ticket.ticket_number }} className={classes.more}>
        <IconPlus size={14} aria-hidden="true" />
        {t('new.for_requester', { name: ticket.requester.firstname })}
      </Link>
    </PanelSection>
  );
}

function Properties({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('tickets');
  const { t: desk } = useTranslation('desk');
  const reason = usePriorityReason(ticket);
  const channel = `channel.${ticket.channel}`;
  const facts: Fact[] = [
    [t('panel.number'), ticket.ticket_number],
    [t('priority.label'), reason],
    [t('panel.opened'), <RelativeTime key="opened" at={ticket.created_at} />],
    [t('panel.updated'), <RelativeTime key="updated" at={ticket.updated_at} />],
  ];
  if (ticket.waiting_since) {
    facts.push([desk('about.waiting'), <RelativeTime key="waiting" at={ticket.waiting_since} />]);
  }
  if (ticket.resolved_at) {
    facts.push([t('panel.resolved'), <RelativeTime key="resolved" at={ticket.resolved_at} />]);
  }
  if (ticket.closed_at) {
    facts.push([t('panel.closed'), <RelativeTime key="closed" at={ticket.closed_at} />]);
  }
  facts.push([
    t('panel.channel'),
    i18n.exists(channel, { ns: 'tickets' }) ? t(channel as 'channel.web') : ticket.channel,
  ]);
  return (
    <PanelSection title={t('panel.properties')}>
      <Facts facts={facts} />
    </PanelSection>
  );
}

function History({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('tickets');
  const list = useQuery(ticketHistory(ticket.id));
  const sentence = useSentence();
  return (
    <PanelSection title={t('panel.history')}>
      {!list.data && <Outstanding query={list} />}
      {list.data?.length === 0 && <p className={classes.none}>{t('panel.history_none')}</p>}
      <ol className={classes.history}>
        {list.data?.toReversed().map((event) => (
          <li key={event.id}>
            <span>{sentence(event)}</span>
            <RelativeTime at={event.created_at} className={classes.none} />
          </li>
        ))}
      </ol>
    </PanelSection>
  );
}
