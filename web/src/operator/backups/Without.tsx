import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { WithoutBackup } from '~/api/types';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import ui from '../ui/ui.module.css';

/** Tenants that should have a backup and have none yet. */
export function Without({ tenants }: { tenants?: WithoutBackup[] | null }) {
  const { t } = useTranslation('operator');
  if (!tenants?.length) return null;
  return (
    <div className={page.card}>
      <table className={ui.table} aria-label={t('backups.without')}>
        <thead>
          <tr>
            <th scope="col">{t('backups.without')}</th>
            <th scope="col">{t('backups.since')}</th>
          </tr>
        </thead>
        <tbody>
          {tenants.map(({ tenant_id, tenant, since }) => (
            <tr key={tenant_id}>
              <td>
                <Link to="/tenants/$slug" params={{ slug: tenant }}>
                  {tenant}
                </Link>
              </td>
              <td>
                <RelativeTime at={since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
