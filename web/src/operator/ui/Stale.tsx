import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';

/** Says that what stands below could not be asked for anew. */
export function Stale({ when }: { when: boolean }) {
  const { t } = useTranslation('operator');
  return when ? (
    <p className={page.problem} role="alert">
      {t('list.stale')}
    </p>
  ) : null;
}
