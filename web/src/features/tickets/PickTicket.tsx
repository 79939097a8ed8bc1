import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconTicket } from '~/ui/icons';
import { useTitle } from '~/ui/useTitle';
import classes from './PickTicket.module.css';
import { useView } from './useView';

/** What stands beside the list as long as no ticket is open. */
export function PickTicket() {
  const { t } = useTranslation('tickets');
  useTitle(t(`views.${useView()}`));
  return (
    <div className={classes.pick}>
      <EmptyState
        icon={<IconTicket size={24} stroke={1.5} />}
        title={t('pick.title')}
        text={t('pick.text')}
      />
    </div>
  );
}
