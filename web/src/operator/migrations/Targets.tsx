import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MigrationTarget } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { RelativeTime } from '~/ui/RelativeTime';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { targetList } from './queries';

/** The databases of a run that stand in one state. */
export function Targets(props: { run: string; state: MigrationTarget['state']; moving: boolean }) {
  const { t } = useTranslation('operator');
  const list = useInfiniteQuery(targetList(props.run, props.state, props.moving));
  return (
    <Listing list={list} empty={<EmptyState title={t(`migrations.none.${props.state}`)} />}>
      {(targets) => (
        <table className={ui.table} aria-label={t('migrations.databases')}>
          <thead>
            <tr>
              <th scope="col">{t('migrations.tenant')}</th>
              <th scope="col">{t('migrations.wave')}</th>
              <th scope="col">{t('migrations.schema')}</th>
              <th scope="col" className={ui.number}>
                {t('migrations.attempts')}
              </th>
              <th scope="col">{t('migrations.last')}</th>
              <th scope="col">{t('migrations.ended')}</th>
            </tr>
          </thead>
          <tbody>
            {targets.map((target) => (
              <Row key={target.tenant_id} target={target} />
            ))}
          </tbody>
        </table>
      )}
    </Listing>
  );
}

function Row({ target }: { target: MigrationTarget }) {
  const { t } = useTranslation('operator');
  const { from_version: from, to_version: to } = target;
  return (
    <tr>
      <th scope="row">
        <Link to="/tenants/$slug" params={{ slug: target.tenant }}>
          {target.tenant}
        </Link>
      </th>
      <td data-label={t('migrations.wave')} className={ui.nowrap}>
        {t(`migrations.waves.${Math.min(target.wave, 3) as 0}`)}
      </td>
      <td data-label={t('migrations.schema')}>
        {from ?? '–'} → {to ?? '–'}
      </td>
      <td data-label={t('migrations.attempts')} className={ui.number}>
        {target.attempts}
      </td>
      <td data-label={target.last_error ? t('migrations.last') : undefined}>
        {target.last_error && <span className={ui.error}>{target.last_error}</span>}
      </td>
      <td data-label={target.finished_at ? t('migrations.ended') : undefined}>
        {target.finished_at && <RelativeTime at={target.finished_at} />}
      </td>
    </tr>
  );
}
