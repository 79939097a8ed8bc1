import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GroupBy, ReportPeriod } from '~/api/types';
import page from '~/ui/page.module.css';
import classes from './Reports.module.css';
import {
  DIVISIONS,
  divisionOf,
  lastDays,
  type ReportName,
  type ReportSearch,
  todayIn,
} from './search';

const PRESETS = [7, 30, 90, 365] as const;
/** As many days as a report has at most. */
const MOST = 366;

/** Which days, and by what they are divided. It stands in the address, so that it can be kept and shared. */
export function PeriodPicker(props: {
  report: ReportName;
  search: ReportSearch;
  period: ReportPeriod | undefined;
}) {
  const { t } = useTranslation('reports');
  const navigate = useNavigate();
  const { report, search, period } = props;
  const go = (change: ReportSearch) =>
    void navigate({ to: '/reports', search: { ...search, ...change } });
  return (
    <div className={classes.period}>
      <Days key={`${period?.from} ${period?.to}`} period={period} onChange={go} />
      <div className={classes.presets}>
        {PRESETS.map((days) => (
          <Button
            key={days}
            size="xs"
            variant="default"
            disabled={!period}
            onClick={() => go(lastDays(days, todayIn(period?.time_zone ?? 'UTC')))}
          >
            {t('last_days', { count: days })}
          </Button>
        ))}
      </div>
      <NativeSelect
        size="xs"
        label={t('divide')}
        value={divisionOf(report, search.by)}
        onChange={(event) => go({ by: event.currentTarget.value as GroupBy })}
        data={DIVISIONS[report].map((by) => ({ value: by, label: t(`by.${by}`) }))}
      />
    </div>
  );
}

function Days(props: {
  period: ReportPeriod | undefined;
  onChange: (days: { from: string; to: string }) => void;
}) {
  const { t } = useTranslation('reports');
  const [from, setFrom] = useState(props.period?.from ?? '');
  const [to, setTo] = useState(props.period?.to ?? '');
  const [fault, setFault] = useState<string>();
  // Whoever types on is not told of what was wrong before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes with what is typed
  useEffect(() => setFault(undefined), [from, to]);
  function submit(event: FormEvent) {
    event.preventDefault();
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
    if (!(days >= 1)) setFault(t('days_wrong'));
    else if (days > MOST) setFault(t('days_many', { count: MOST }));
    else props.onChange({ from, to });
  }
  return (
    <form className={classes.period} aria-label={t('days')} noValidate onSubmit={submit}>
      <TextInput
        type="date"
        size="xs"
        label={t('from')}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        size="xs"
        label={t('to')}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t('show')}
      </Button>
      {fault && (
        <p role="alert" className={page.problem}>
          {fault}
        </p>
      )}
    </form>
  );
}
