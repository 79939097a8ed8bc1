import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconTicket } from '~/ui/icons';
import { useTitle } from '~/ui/useTitle';
import { usePerson } from '../session/session';
import { FirstSteps } from './FirstSteps';
import classes from './PickTicket.module.css';
import { ticketCount } from './queries';
import { useView } from './useView';

/** Whoever has more tickets than this has found the way. */
const SETTLED = 10;

/** What stands beside the list as long as no ticket is open. */
export function PickTicket() {
  const { t } = useTranslation('tickets');
  useTitle(t(`views.${useView()}`));
  const beginner = usePerson().role === 'admin';
  const { data: tickets } = useQuery(ticketCount({}));
  if (tickets === undefined) return null;
  return (
    <div className={classes.pick}>
      {beginner && tickets <= SETTLED ? (
        <FirstSteps />
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
