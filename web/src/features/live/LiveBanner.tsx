import { useNetwork } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import classes from './LiveBanner.module.css';
import type { LiveState } from './stream';

/** Says that the page may be out of date, and nothing as long as it is not. */
export function LiveBanner({ state }: { state: LiveState }) {
  const { t } = useTranslation('live');
  const { online } = useNetwork();
  const troubled = state === 'lost' || !online;
  return (
    <div role="status" className={troubled ? classes.banner : undefined}>
      {troubled && (
        <>
          <span>{online ? t('reconnecting') : t('offline')}</span>
          <button type="button" onClick={() => window.dispatchEvent(new Event('hd-live-now'))}>
            {t('now')}
          </button>
        </>
      )}
    </div>
  );
}
