import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SlaCalendar } from '~/api/types';
import { IconPlus, IconX } from '~/ui/icons';
import page from '~/ui/page.module.css';
import classes from './SlaPage.module.css';

export type Holiday = NonNullable<SlaCalendar['holidays']>[number];

/** Days without opening at most, the same as the server's. */
const MOST = 500;

/** Days without opening, each with what it is. */
export function Holidays(props: {
  holidays: Holiday[];
  fault: string | undefined;
  onChange: (holidays: Holiday[]) => void;
}) {
  const { t } = useTranslation('arrange');
  const { holidays, onChange } = props;
  return (
    <fieldset className={classes.week}>
      <legend>{t('sla.holidays')}</legend>
      {holidays.map((holiday, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a day may stand there without a date yet.
        <div key={index} className={classes.holiday}>
          <TextInput
            size="xs"
            type="date"
            aria-label={t('sla.holiday_date', { number: index + 1 })}
            value={holiday.date}
            onChange={({ currentTarget: { value } }) =>
              onChange(holidays.with(index, { ...holiday, date: value }))
            }
          />
          <TextInput
            size="xs"
            aria-label={t('sla.holiday_name', { number: index + 1 })}
            placeholder={t('sla.holiday_hint')}
            maxLength={100}
            value={holiday.name}
            onChange={({ currentTarget: { value } }) =>
              onChange(holidays.with(index, { ...holiday, name: value }))
            }
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('sla.holiday_remove', { number: index + 1 })}
            onClick={() => onChange(holidays.toSpliced(index, 1))}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      {holidays.length < MOST && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => onChange([...holidays, { date: '', name: '' }])}
        >
          {t('sla.holiday_add')}
        </Button>
      )}
      {props.fault && (
        <p className={page.problem} role="alert">
          {props.fault}
        </p>
      )}
    </fieldset>
  );
}
