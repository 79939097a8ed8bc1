import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Migration } from '~/api/types';
import { Mark } from '~/ui/Mark';
import { RelativeTime } from '~/ui/RelativeTime';
import { Bar } from '../ui/Bar';
import { useSeen } from '../ui/progress';
import ui from '../ui/ui.module.css';
import { ended, TONES } from './rules';

/** Runs as rows; each leads to its databases. */
export function RunTable({ runs }: { runs: Migration[] }) {
  const { t } = useTranslation('operator');
  const seen = useSeen();
  return (
    <table className={ui.table} aria-label={t('migrations.title')}>
      <thead>
        <tr>
          <th scope="col">{t('migrations.run')}</th>
          <th scope="col">{t('migrations.state')}</th>
          <th scope="col">{t('migrations.databases')}</th>
          <th scope="col" className={ui.number}>
            {t('migrations.failed')}
          </th>
          <th scope="col">{t('migrations.begun')}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <th scope="row">
              <Link to="/migrations/$id" params={{ id: run.id }}>
                {t('migrations.to', { version: run.target_version })}
              </Link>
            </th>
            <td data-label={t('migrations.state')}>
              <span className={ui.names}>
                <Mark tone={TONES[run.state]}>{t(`migrations.states.${run.state}`)}</Mark>
                {run.reason && <span className={ui.dim}>{run.reason}</span>}
              </span>
            </td>
            <td data-label={t('migrations.databases')}>
              <Bar
                label={t('migrations.databases')}
                done={ended(run)}
                total={run.total}
                seen={run.state === 'running' ? seen(run.id, ended(run)) : undefined}
              />
            </td>
            <td data-label={t('migrations.failed')} className={ui.number}>
              {run.failed}
            </td>
            <td data-label={t('migrations.begun')}>
              <RelativeTime at={run.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
