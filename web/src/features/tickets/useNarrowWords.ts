import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Priority, Status } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import type { Narrow } from './narrowing';
import { agentList } from './queries';

/** Says in words what a filter's value stands for: names instead of numbers. */
export function useNarrowWords(): (name: Narrow, value: string) => string {
  const { t, i18n } = useTranslation(['queue', 'tickets']);
  const { data: agents = [] } = useQuery(agentList);
  const { data: teams = [] } = useQuery(teamList);
  const { data: categories = [] } = useQuery(categoryList);
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
