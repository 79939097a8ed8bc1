import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { HistoryEntry, Priority, Status, Ticket } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { teamList } from '../arrange/queries';
import { SplitMessage } from '../joining/SplitMessage';
import { EventLines } from '../messages/EventLines';
import type { Perspective } from '../messages/Thread';
import { agentList } from './queries';

/** The conversation as staff see it: everybody by name, the customer on the left. */
export function useStaffPerspective(ticket: Ticket): Perspective {
  const { t } = useTranslation('messages');
  const { data: agents } = useQuery(agentList);
  const sentence = useSentence();
  return useMemo(() => {
    const people = new Map(
      [...(agents ?? []), ticket.assignee, ticket.requester].map((p) => [p?.id, p]),
    );
    return {
      speaker: ({ sender_id, sender_type, sender_name }) => {
        const person =
          sender_type === 'system' ? null : (people.get(sender_id ?? undefined) ?? null);
        if (person) return { name: fullName(person), person };
        return {
          name: sender_type === 'system' ? t('system') : (sender_name ?? t('team')),
          person: null,
        };
      },
      side: ({ sender_type, is_internal }) => {
        if (is_internal) return 'note';
        return sender_type === 'customer' ? 'theirs' : 'ours';
      },
      events: (events) => <EventLines events={events} sentence={sentence} />,
      actions: (message) =>
        message.sender_type === 'customer' && ticket.status !== 'closed' ? (
          <SplitMessage ticket={ticket} message={message} />
        ) : null,
    };
  }, [agents, ticket, sentence, t]);
}

/** What happened, in words: who, and what it is now. */
export function useSentence(): (event: HistoryEntry) => React.ReactNode {
  const { t } = useTranslation(['messages', 'orders', 'tickets']);
  const { t: join } = useTranslation('merging');
  const { t: came } = useTranslation('imports');
  const { data: agents } = useQuery(agentList);
  const { data: teams } = useQuery(teamList);
  return useCallback(
    (event: HistoryEntry) => {
      const who = event.by ? fullName(event.by) : t('event.system');
      const bold = [<span key="0" />, <strong key="1" />];
      switch (event.kind) {
        case 'status':
          if (!event.from) return t('event.opened', { who });
          return (
            <Trans
              t={t}
              i18nKey="event.status"
              values={{ who, to: t(`tickets:status.${event.to as Status}`) }}
              components={bold}
            />
          );
        case 'priority':
          return (
            <Trans
              t={t}
              i18nKey="event.priority"
              values={{ who, to: t(`tickets:priority.${event.to as Priority}`) }}
              components={bold}
            />
          );
        case 'assignment': {
          if (event.to === null) return t('event.unassigned', { who });
          if (String(event.by?.id) === event.to) return t('event.took', { who });
          const agent = agents?.find(({ id }) => String(id) === event.to);
          const to = agent ? fullName(agent) : `#${event.to}`;
          return <Trans t={t} i18nKey="event.assigned" values={{ who, to }} components={bold} />;
        }
        case 'category':
        case 'tags':
        case 'snooze':
          return t(`event.${event.kind}${event.to ? '' : '_none'}`, { who, to: event.to });
        case 'team': {
          const team = teams?.find(({ id }) => String(id) === event.to)?.name ?? `#${event.to}`;
          return t(event.to ? 'event.team' : 'event.team_none', { who, to: team });
        }
        case 'sla':
          return t(event.from === 'response' ? 'event.late.response' : 'event.late.resolution');
        case 'order': {
          if (event.to === 'not_found') return t('orders:event.missing');
          if (event.from === 'pending') return t('orders:event.found');
          const state = event.to?.split(',')[0] ?? 'other';
          return t('orders:event.changed', { state: t(`orders:state.${state as 'other'}`) });
        }
        case 'subject':
          return (
            <Trans t={t} i18nKey="event.subject" values={{ who, to: event.to }} components={bold} />
          );
        case 'imported':
        case 'requester':
          return came(`event.${event.kind}`, { to: event.to });
        case 'merged_into':
        case 'merged_from': {
          const key = `event.${event.to ? '' : 'un'}${event.kind}` as 'event.merged_into';
          return (
            <Trans
              t={join}
              i18nKey={key}
              values={{ who, to: event.to ?? event.from }}
              components={bold}
            />
          );
        }
        case 'link': {
          if (event.reason !== 'split' && event.reason !== 'follow_up') {
            return t(event.to ? 'event.link' : 'event.link_none', { who, to: event.to });
          }
          const key = `event.${event.reason}` as const;
          return <Trans t={join} i18nKey={key} values={{ who, to: event.to }} components={bold} />;
        }
        default:
          return t('event.edited', { who });
      }
    },
    [agents, came, join, teams, t],
  );
}
