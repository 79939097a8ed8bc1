import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { HistoryEntry, Priority, Status, Ticket } from '~/api/types';
import { fullName } from '~/ui/Initials';
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
    };
  }, [agents, ticket.assignee, ticket.requester, sentence, t]);
}

/** What happened, in words: who, and what it is now. */
export function useSentence(): (event: HistoryEntry) => React.ReactNode {
  const { t } = useTranslation('tickets');
  const { data: agents } = useQuery(agentList);
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
              values={{ who, to: t(`status.${event.to as Status}`) }}
              components={bold}
            />
          );
        case 'priority':
          return (
            <Trans
              t={t}
              i18nKey="event.priority"
              values={{ who, to: t(`priority.${event.to as Priority}`) }}
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
        case 'sla':
          return t(event.from === 'response' ? 'event.late.response' : 'event.late.resolution');
        case 'subject':
          return (
            <Trans t={t} i18nKey="event.subject" values={{ who, to: event.to }} components={bold} />
          );
        default:
          return t('event.edited', { who });
      }
    },
    [agents, t],
  );
}
