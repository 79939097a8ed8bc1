import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fullTime } from '~/ui/time';
import { endOf, PRESETS } from './presets';
import classes from './Snooze.module.css';

/** Until when something can be put aside, as items of a menu. `onDate`: another time is asked for. */
export function SnoozeItems(props: {
  onUntil: (until: string | null) => void;
  onDate: () => void;
}) {
  const { t, i18n } = useTranslation('desk');
  const now = new Date();
  return (
    <>
      {PRESETS.map((preset) => {
        const end = endOf(preset, now).toISOString();
        return (
          <Menu.Item key={preset} onClick={() => props.onUntil(end)}>
            {t(`snooze.${preset}`)}
            <span className={classes.when}>{fullTime(end, i18n.language)}</span>
          </Menu.Item>
        );
      })}
      <Menu.Item onClick={() => props.onUntil(null)}>{t('snooze.answer')}</Menu.Item>
      <Menu.Item onClick={props.onDate}>{t('snooze.date')}</Menu.Item>
    </>
  );
}
