import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Tenant } from '~/api/types';
import { Mark } from '~/ui/Mark';
import { RelativeTime } from '~/ui/RelativeTime';
import ui from '../ui/ui.module.css';
import { nameOf, TONES } from './status';

/** Tenants as rows; each leads to all that is known of it. */
export function TenantTable({ tenants }: { tenants: Tenant[] }) {
  const { t, i18n } = useTranslation('operator');
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <table className={ui.table} aria-label={t('tenants.title')}>
      <thead>
        <tr>
          <th scope="col">{t('tenants.name')}</th>
          <th scope="col">{t('tenants.status')}</th>
          <th scope="col">{t('tenants.cluster')}</th>
          <th scope="col" className={ui.number}>
            {t('tenants.members')}
          </th>
          <th scope="col">{t('tenants.since')}</th>
        </tr>
      </thead>
      <tbody>
        {tenants.map((tenant) => (
          <tr key={tenant.id}>
            <th scope="row">
              <span className={ui.names}>
                <Link to="/tenants/$slug" params={{ slug: tenant.slug }}>
                  {nameOf(tenant)}
                </Link>
                <span className={ui.dim}>{tenant.slug}</span>
              </span>
            </th>
            <td data-label={t('tenants.status')}>
              <span className={ui.names}>
                <Mark tone={TONES[tenant.status]}>{t(`tenants.statuses.${tenant.status}`)}</Mark>
                {tenant.trouble && (
                  <span className={`${ui.error} ${ui.line}`} title={tenant.trouble}>
                    {tenant.trouble}
                  </span>
                )}
              </span>
            </td>
            <td data-label={t('tenants.cluster')}>{tenant.cluster ?? '–'}</td>
            <td data-label={t('tenants.members')} className={ui.number}>
              {number.format(tenant.members)}
            </td>
            <td data-label={t('tenants.since')}>
              <RelativeTime at={tenant.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
