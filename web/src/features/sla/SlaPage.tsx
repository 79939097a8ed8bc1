import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { SlaCalendar, SlaPolicy } from '~/api/types';
import { IconAlarm, IconCalendar, IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import head from '../arrange/Head.module.css';
import { Listed } from '../arrange/Listed';
import { RowActions } from '../arrange/RowActions';
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
  const { t } = useTranslation('arrange');
  const list = useQuery(policyList);
  const [open, setOpen] = useState<SlaPolicy | 'new' | null>(null);
  return (
    <>
      <Head title={t('sla.policies')} add={t('sla.new_policy')} onAdd={() => setOpen('new')} />
      <Listed
        list={list}
        label={t('sla.policies')}
        none={t('sla.no_policy')}
        noneText={t('sla.no_policy_text')}
        icon={<IconAlarm size={24} stroke={1.5} />}
        row={(one) => <PolicyRow key={one.id} policy={one} onEdit={() => setOpen(one)} />}
      />
      {open && <PolicyForm policy={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function PolicyRow({ policy, onEdit }: { policy: SlaPolicy; onEdit: () => void }) {
  const { t } = useTranslation('arrange');
  const { data: calendars = [] } = useQuery(calendarList);
  const { id, name, targets } = policy;
  const hours = calendars.find((one) => one.id === policy.calendar_id)?.name ?? t('sla.always');
  const of = policy.is_default
    ? t('sla.default')
    : [...policy.categories, ...policy.tags, ...policy.teams.map((team) => `#${team}`)].join(
        ', ',
      ) || t('sla.of_all');
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{name}</span>
        <span className={page.dim}>
          {of} · {hours} ·{' '}
          {t('sla.urgent_in', {
            response: typedOf(targets.urgent.response),
            resolution: typedOf(targets.urgent.resolution),
          })}
        </span>
      </span>
      <RowActions
        name={name}
        text={t('sla.remove_policy')}
        onEdit={onEdit}
        remove={
          // Every ticket has one.
          policy.is_default
            ? null
            : () => unwrap(app.DELETE('/api/v1/sla/policies/{id}', { params: { path: { id } } }))
        }
        lists={[policyList.queryKey]}
      />
    </li>
  );
}

function Calendars() {
  const { t } = useTranslation('arrange');
  const list = useQuery(calendarList);
  const [open, setOpen] = useState<SlaCalendar | 'new' | null>(null);
  return (
    <>
      <Head title={t('sla.calendars')} add={t('sla.new_calendar')} onAdd={() => setOpen('new')} />
      <Listed
        list={list}
        label={t('sla.calendars')}
        none={t('sla.no_calendar')}
        noneText={t('sla.no_calendar_text')}
        icon={<IconCalendar size={24} stroke={1.5} />}
        row={(one) => <CalendarRow key={one.id} calendar={one} onEdit={() => setOpen(one)} />}
      />
      {open && (
        <CalendarForm calendar={open === 'new' ? null : open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function CalendarRow({ calendar, onEdit }: { calendar: SlaCalendar; onEdit: () => void }) {
  const { t } = useTranslation('arrange');
  const { id, name, time_zone: zone, week, holidays = [] } = calendar;
  const minutes = week.flat().reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{name}</span>
        <span className={page.dim}>
          {zone} · {t('sla.a_week', { time: typedOf(Math.max(1, minutes)) })} ·{' '}
          {t('sla.holidays_count', { count: holidays.length })}
        </span>
      </span>
      <RowActions
        name={name}
        text={t('sla.remove_calendar')}
        onEdit={onEdit}
        remove={() =>
          unwrap(app.DELETE('/api/v1/sla/calendars/{id}', { params: { path: { id } } }))
        }
        lists={[calendarList.queryKey]}
      />
    </li>
  );
}

function Head(props: { title: string; add: string; onAdd: () => void }) {
  return (
    <div className={head.head}>
      <h2 className={page.heading}>{props.title}</h2>
      <Button size="xs" leftSection={<IconPlus size={16} />} onClick={props.onAdd}>
        {props.add}
      </Button>
    </div>
  );
}
