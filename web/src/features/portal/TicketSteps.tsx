import { useTranslation } from 'react-i18next';
import type { Status } from '~/api/types';
import { IconCheck } from '~/ui/icons';
import classes from './TicketSteps.module.css';

const STEPS = ['received', 'in_progress', 'solved', 'closed'] as const;
const AT: Record<Status, number> = {
  open: 0,
  in_progress: 1,
  waiting_customer: 1,
  resolved: 2,
  closed: 3,
};

/** How far a ticket has come, like the tracking of a parcel. */
export function TicketSteps({ status }: { status: Status }) {
  const { t } = useTranslation('portal');
  const at = AT[status];
  return (
    <ol className={classes.steps} aria-label={t('steps.label')}>
      {STEPS.map((step, index) => (
        <li
          key={step}
          data-done={index < at || status === 'closed' || undefined}
          data-now={index === at || undefined}
          aria-current={index === at ? 'step' : undefined}
        >
          <span className={classes.dot} aria-hidden="true">
            {(index < at || status === 'closed') && <IconCheck size={12} stroke={3} />}
          </span>
          {t(`steps.${step}`)}
        </li>
      ))}
    </ol>
  );
}
