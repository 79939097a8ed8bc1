import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconTicket } from '~/ui/icons';
import { useTitle } from '~/ui/useTitle';
import { FirstSteps } from '../console/lazily';
import { usePerson } from '../session/session';
import classes from './PickTicket.module.css';
import { ticketCount } from './queries';
import { useQueue } from './useQueue';

/** Whoever has more tickets than this has found the way. */
const SETTLED = 10;

/** What stands beside the list as long as no ticket is open. */
export function PickTicket() {
  const { t } = useTranslation('tickets');
  useTitle(useQueue().name);
  const beginner = usePerson().role === 'admin';
  const { data: tickets } = useQuery(ticketCount({}));
  if (tickets === undefined) return null;
  return (
    <div className={classes.pick}>
      {beginner && tickets <= SETTLED ? (
        <Suspense fallback={null}>
          <FirstSteps />
        </Suspense>
      ) : (
        <EmptyState
          icon={<IconTicket size={24} stroke={1.5} />}
          title={t('pick.title')}
          text={t('pick.text')}
        />
      )}
    </div>
  );
}
