import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GroupBy, Priority, ReportGroup } from '~/api/types';
import { labelOf } from '../arrange/label';
import { categoryList } from '../arrange/queries';
import { dayName, monthName } from './numbers';

/** What a part of a report is called, in the reader's words. */
export function useGroupName(by: GroupBy): (group: ReportGroup) => string {
  const { t, i18n } = useTranslation(['reports', 'tickets']);
  const { data: categories = [] } = useQuery({ ...categoryList, enabled: by === 'category' });
  const channelName = (word: string) =>
    i18n.exists(`channel.${word}`, { ns: 'tickets' })
      ? t(`tickets:channel.${word}` as 'tickets:channel.web')
      : word;
  return ({ key, label, from, to }) => {
    if (by === 'day') return dayName(from, i18n.language);
    if (by === 'week') return `${dayName(from, i18n.language)} – ${dayName(to, i18n.language)}`;
    if (by === 'month') return monthName(from, i18n.language);
    if (key === null || key === undefined) return t(`none_of.${by as 'agent'}`);
    if (by === 'priority') return t(`tickets:priority.${key as Priority}`);
    if (by === 'channel') return channelName(key);
    if (by === 'category') {
      const category = categories.find(({ name }) => name === key);
      return category ? labelOf(category, i18n.language) : key;
    }
    return label ?? `#${key}`;
  };
}
