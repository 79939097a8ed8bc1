import { useNetwork } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import classes from './LiveBanner.module.css';
import type { LiveState } from './stream';

/** Says that the page may be out of date, and nothing as long as it is not. */
export function LiveBanner({ state }: { state: LiveState }) {
  const { t } = useTranslation('live');
  const { online } = useNetwork();
  const said = saidOf(state, online);
  return (
    <div role="status" className={said ? classes.banner : undefined}>
      {said && <span>{t(said)}</span>}
      {said && said !== 'crowded' && (
        <button type="button" onClick={() => window.dispatchEvent(new Event('hd-live-now'))}>
          {t('now')}
        </button>
      )}
    </div>
  );
}

function saidOf(state: LiveState, online: boolean) {
  if (!online) return 'offline';
  if (state === 'lost') return 'reconnecting';
  // Trying at once would be refused at once: here only time or another window helps.
  return state === 'crowded' ? 'crowded' : null;
}
