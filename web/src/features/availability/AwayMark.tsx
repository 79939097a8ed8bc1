import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import classes from './Presence.module.css';
import { availabilityOf } from './queries';

/** A mark on one's own picture while one is away: tickets pass by until then. */
export function AwayMark() {
  const { t } = useTranslation('queue');
  const { data: own } = useQuery(availabilityOf('me'));
  if (!own || own.available) return null;
  return (
    <span className={classes.away} title={t('here.self_away')}>
      <span className="visually-hidden">{t('here.self_away')}</span>
    </span>
  );
}
