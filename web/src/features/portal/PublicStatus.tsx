import { useTranslation } from 'react-i18next';
import type { Status } from '~/api/types';
import marks from '../tickets/Marks.module.css';

/** A status in words that mean something to the person who waits. */
export function PublicStatus({ status }: { status: Status }) {
  const { t } = useTranslation('portal');
  return (
    <span className={marks.status} data-status={status}>
      {t(`status.${status}`)}
    </span>
  );
}
