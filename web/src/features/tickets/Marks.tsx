import { useTranslation } from 'react-i18next';
import type { Priority, Status } from '~/api/types';
import { IconChevronDown, IconChevronsUp, IconChevronUp, IconMinus } from '~/ui/icons';
import classes from './Marks.module.css';

/** A status as a coloured dot with its word: the colour alone would tell many nothing. `short` in lists. */
export function StatusMark({ status, short }: { status: Status; short?: boolean }) {
  const { t } = useTranslation('tickets');
  return (
    <span className={classes.status} data-status={status}>
      {short ? t(`status_short.${status}`) : t(`status.${status}`)}
    </span>
  );
}

const ICONS = {
  low: IconChevronDown,
  medium: IconMinus,
  high: IconChevronUp,
  urgent: IconChevronsUp,
} as const;

/** A priority as an arrow with its word. */
export function PriorityMark({ priority }: { priority: Priority }) {
  const { t } = useTranslation('tickets');
  const Icon = ICONS[priority];
  return (
    <span className={classes.priority} data-priority={priority}>
      <Icon size={16} stroke={2.25} aria-hidden="true" />
      {t(`priority.${priority}`)}
    </span>
  );
}
