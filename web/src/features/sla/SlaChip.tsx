import { useTranslation } from 'react-i18next';
import { useNow } from '~/ui/useNow';
import { deadline, presses, type Sla, span } from './deadline';
import classes from './Sla.module.css';

/** In a list: what is late, or nearly. Nothing otherwise, for most tickets are neither. */
export function SlaChip({ sla }: { sla: Sla | null | undefined }) {
  const { t, i18n } = useTranslation('sla');
  const due = deadline(sla, useNow());
  if (!due || !sla || !presses(due, sla)) return null;
  const time = span(due.seconds, i18n.language);
  return (
    <span className={classes.chip} data-late={due.late || undefined}>
      {due.late ? t(`late.${due.which}`, { time }) : t(`due.${due.which}`, { time })}
    </span>
  );
}
