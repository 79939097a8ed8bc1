import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Priority, Status } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { dateOnly, dayStart } from '~/ui/time';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import { requesterKnown } from './cache';
import type { Narrow } from './narrowing';
import { agentList } from './queries';
import { CHANNELS } from './views';

/** Says in words what a filter's value stands for: names instead of numbers. */
export function useNarrowWords(): (name: Narrow, value: string) => string {
  const { t, i18n } = useTranslation(['desk', 'tickets']);
  const { data: agents = [] } = useQuery(agentList);
  const { data: teams = [] } = useQuery(teamList);
  const { data: categories = [] } = useQuery(categoryList);
  const client = useQueryClient();
  const wordOf = (name: Narrow, word: string): string => {
    switch (name) {
      case 'status':
        return t(`tickets:status_short.${word as Status}`);
      case 'priority':
        return t(`tickets:priority.${word as Priority}`);
      case 'sla':
        return t(`narrow.sla_${word as 'warning'}`);
      case 'assigned_to': {
        if (word === 'me' || word === 'none') return t(`narrow.assigned_${word}`);
        const agent = agents.find(({ id }) => String(id) === word);
        return agent ? fullName(agent) : `#${word}`;
      }
      case 'team':
        if (word === 'none') return t('narrow.team_none');
        return teams.find(({ id }) => String(id) === word)?.name ?? `#${word}`;
      case 'category': {
        const category = categories.find((one) => one.name === word);
        return category ? labelOf(category, i18n.language) : word;
      }
      case 'channel': {
        const channel = CHANNELS.find((one) => one === word);
        return channel ? t(`narrow.channel_${channel}`) : word;
      }
      case 'user_id': {
        const requester = requesterKnown(client, Number(word));
        return requester ? fullName(requester) : `#${word}`;
      }
      case 'snoozed':
        return t(`narrow.snoozed_${word as 'true'}`);
      case 'created_from':
      case 'created_to':
        return dateOnly(dayStart(word), i18n.language);
      default:
        return word;
    }
  };
  return (name, value) =>
    name === 'q'
      ? `“${value}”`
      : value
          .split(',')
          .map((word) => wordOf(name, word))
          .join(', ');
}
