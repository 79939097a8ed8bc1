import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { SaveCalendar, SlaCalendar } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { NameField } from '../arrange/NameField';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { type Holiday, Holidays } from './Holidays';
import { calendarList, policyList } from './settings';
import { WeekEditor } from './WeekEditor';
import { isSound, OFFICE, type Week } from './week';
import { zones } from './zones';

type Typed = { name: string; time_zone: string; week: Week; holidays: Holiday[] };

function typedOf(calendar: SlaCalendar | null): Typed {
  return {
    name: calendar?.name ?? '',
    time_zone: calendar?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    week: (calendar?.week as Week | undefined) ?? OFFICE,
    holidays: calendar?.holidays ?? [],
  };
}

/** Adds business hours, or changes them. */
export function CalendarForm(props: { calendar: SlaCalendar | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { calendar, onClose } = props;
  const { base, typed, set, others, dirty } = useTyped(calendar, typedOf);
  const saving = useSaving({
    save: useSave(base),
    lists: [calendarList.queryKey, policyList.queryKey],
    onSaved: onClose,
  });
  const { faults } = saving;
  function submit() {
    const name = typed.name.trim();
    const open = typed.week.some((day) => day.length > 0);
    const whole = typed.holidays.every((day) => day.date && day.name.trim());
    saving.submit(
      { ...typed, name },
      {
        ...(!name && { name: session('required') }),
        ...(!open && { week: t('sla.never_open') }),
        ...(!typed.week.every(isSound) && { week: t('sla.unsound') }),
        ...(!whole && { holidays: t('sla.holiday_part') }),
      },
    );
  }
  return (
    <FormDialog
      title={t(calendar ? 'calendars.edit' : 'calendars.new')}
      size="xl"
      saving={saving}
      others={others}
      place="calendar"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <NameField value={typed.name} fault={faults.name} onChange={(name) => set({ name })} />
      <NativeSelect
        label={t('sla.zone')}
        value={typed.time_zone}
        error={faults.time_zone}
        onChange={(event) => set({ time_zone: event.currentTarget.value })}
        data={zones(typed.time_zone)}
      />
      <WeekEditor week={typed.week} fault={faults.week} onChange={(week) => set({ week })} />
      <Holidays
        holidays={typed.holidays}
        fault={faults.holidays}
        onChange={(holidays) => set({ holidays })}
      />
    </FormDialog>
  );
}

function useSave(calendar: SlaCalendar | null): (body: SaveCalendar) => Promise<SlaCalendar> {
  const keyOf = useOnceKey();
  return (body) =>
    calendar
      ? unwrap(
          app.PUT('/api/v1/sla/calendars/{id}', {
            params: { path: { id: calendar.id } },
            headers: ifVersion(calendar.version),
            body,
          }),
        )
      : unwrap(app.POST('/api/v1/sla/calendars', { body, headers: once(keyOf(body)) }));
}
