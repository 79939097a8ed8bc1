import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { SlaCalendar, SlaPolicy } from '~/api/types';
import { IconAlarm, IconCalendar } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
import { labelOf } from '../arrange/label';
import { categoryList, teamList } from '../arrange/queries';
import { CalendarForm } from './CalendarForm';
import { PolicyForm } from './PolicyForm';
import { calendarList, policyList } from './settings';
import { typedOf } from './targets';

/** What is promised to customers, and in which hours it counts. */
export function SlaPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('sla.title'));
  return (
    <>
      <h1 className={page.title}>{t('sla.title')}</h1>
      <p className={page.intro}>{t('sla.intro')}</p>
      <Policies />
      <Calendars />
    </>
  );
}

function Policies() {
  const { t, i18n } = useTranslation('arrange');
  const { data: calendars = [] } = useQuery(calendarList);
  const { data: categories } = useQuery(categoryList);
  const { data: teams } = useQuery(teamList);
  function categoryNamed(name: string) {
    const category = categories?.find((one) => one.name === name);
    if (category) return labelOf(category, i18n.language);
    return categories ? t('gone.category', { name }) : name;
  }
  function teamNamed(id: number) {
    const team = teams?.find((one) => one.id === id);
    return team?.name ?? (teams ? t('gone.team', { id }) : '…');
  }
  function row({ id, name, targets: { urgent }, ...policy }: SlaPolicy) {
    const of = [
      ...policy.categories.map(categoryNamed),
      ...policy.tags,
      ...policy.teams.map(teamNamed),
    ].join(', ');
    const said = [
      policy.is_default ? t('sla.default') : of || t('sla.of_all'),
      calendars.find((one) => one.id === policy.calendar_id)?.name ?? t('sla.always'),
      t('sla.urgent_in', {
        response: typedOf(urgent.response),
        resolution: typedOf(urgent.resolution),
      }),
    ];
    return {
      name,
      said: said.join(' · '),
      // Every ticket has one.
      remove: policy.is_default
        ? null
        : () => unwrap(app.DELETE('/api/v1/sla/policies/{id}', { params: { path: { id } } })),
    };
  }
  return (
    <Collection
      of="policies"
      icon={IconAlarm}
      list={useQuery(policyList)}
      lists={[policyList.queryKey]}
      row={row}
      form={(policy, onClose) => <PolicyForm policy={policy} onClose={onClose} />}
    />
  );
}

function Calendars() {
  const { t } = useTranslation('arrange');
  function row({ id, name, time_zone: zone, week, holidays = [] }: SlaCalendar) {
    const minutes = week.flat().reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
    const said = [
      zone,
      t('sla.a_week', { time: typedOf(Math.max(1, minutes)) }),
      t('sla.holidays_count', { count: holidays.length }),
    ];
    return {
      name,
      said: said.join(' · '),
      remove: () => unwrap(app.DELETE('/api/v1/sla/calendars/{id}', { params: { path: { id } } })),
    };
  }
  return (
    <Collection
      of="calendars"
      icon={IconCalendar}
      list={useQuery(calendarList)}
      lists={[calendarList.queryKey]}
      row={row}
      form={(calendar, onClose) => <CalendarForm calendar={calendar} onClose={onClose} />}
    />
  );
}
