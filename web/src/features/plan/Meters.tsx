import { useTranslation } from 'react-i18next';
import type { Usage } from '~/api/types';
import { counted } from './limits';
import { Meter } from './Meter';
import { monthOf } from './month';
import classes from './Plan.module.css';

/** What is counted of a plan, and how it stands to its limits. */
export function Meters({ usage }: { usage: Usage }) {
  const { t, i18n } = useTranslation('plan');
  const [agents, tickets] = counted(usage);
  const month = monthOf(`${usage.month}-01`, i18n.language);
  return (
    <div className={classes.meters}>
      <Meter label={t('meter.agents')} {...agents}>
        {usage.used.invited > 0 && t('meter.invited', { count: usage.used.invited })}
      </Meter>
      <Meter label={t('meter.tickets', { month })} {...tickets} />
    </div>
  );
}
