import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Mark } from '~/ui/Mark';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { Promised } from '../ui/Listing';
import { Stale } from '../ui/Stale';
import ui from '../ui/ui.module.css';
import { drillList } from './queries';

/** So many are shown; who wants older ones looks into the audit log. */
const SHOWN = 10;

/** Backups that were restored for trial, and whether they held what was there. */
export function Drills() {
  const { t } = useTranslation('operator');
  const drills = useQuery(drillList);
  return (
    <section aria-labelledby="drills" style={{ marginTop: 32 }}>
      <h2 id="drills" className={page.heading}>
        {t('drills.title')}
      </h2>
      <Stale when={drills.isRefetchError} />
      {drills.isPending ? (
        <Promised />
      ) : (
        <div className={page.card}>
          {!drills.data ? (
            <ErrorState
              title={t('list.error')}
              error={drills.error}
              onRetry={() => void drills.refetch()}
            />
          ) : drills.data.length === 0 ? (
            <EmptyState title={t('drills.empty')} text={t('drills.empty_text')} />
          ) : (
            <ul className={page.rows} aria-labelledby="drills">
              {drills.data.slice(0, SHOWN).map((drill) => (
                <li key={drill.id}>
                  <span className={page.names}>
                    <Link to="/tenants/$slug" params={{ slug: drill.tenant }}>
                      {drill.tenant}
                    </Link>
                    <span className={page.dim}>
                      {t('drills.of')} <RelativeTime at={drill.taken_at} />
                    </span>
                    {drill.trouble && <span className={ui.error}>{drill.trouble}</span>}
                  </span>
                  <span className={ui.names}>
                    <Mark tone={drill.is_equal ? 'good' : 'bad'}>
                      {t(drill.is_equal ? 'backups.equal' : 'backups.unequal')}
                    </Mark>
                    <span className={ui.dim}>
                      <RelativeTime at={drill.ended_at} />
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
