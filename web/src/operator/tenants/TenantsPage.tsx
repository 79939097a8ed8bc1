import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconBuilding } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import { type TenantFilters, tenantList } from './queries';
import { TenantSearch } from './TenantSearch';
import { TenantTable } from './TenantTable';

/** Everybody who uses the product, as the books know them. */
export function TenantsPage() {
  const { t } = useTranslation('operator');
  useTitle(t('tenants.title'));
  const { q, status, cluster }: TenantFilters = useSearch({ strict: false });
  const list = useInfiniteQuery(tenantList({ q, status, cluster }));
  const filtered = Boolean(q || status || cluster);
  return (
    <>
      <h1 className={page.title}>{t('tenants.title')}</h1>
      <p className={page.intro}>{t('tenants.intro')}</p>
      <TenantSearch q={q} status={status} cluster={cluster} />
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconBuilding size={24} stroke={1.5} />}
            title={t(filtered ? 'tenants.nothing' : 'tenants.empty')}
            text={t(filtered ? 'tenants.nothing_text' : 'tenants.empty_text')}
          />
        }
      >
        {(tenants) => <TenantTable tenants={tenants} />}
      </Listing>
    </>
  );
}
