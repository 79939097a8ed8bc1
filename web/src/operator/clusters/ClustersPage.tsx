import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconServer } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import { Said } from '../ui/Said';
import ui from '../ui/ui.module.css';
import { ClusterRow } from './ClusterRow';
import { clusterList } from './queries';

/** The servers that hold tenants' databases: how full they are, and whether new tenants may come. */
export function ClustersPage() {
  const { t } = useTranslation('operator');
  useTitle(t('clusters.title'));
  const list = useInfiniteQuery(clusterList);
  const [said, setSaid] = useState('');
  return (
    <>
      <h1 className={page.title}>{t('clusters.title')}</h1>
      <p className={page.intro}>{t('clusters.intro')}</p>
      <Said>{said}</Said>
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconServer size={24} stroke={1.5} />}
            title={t('clusters.empty')}
            text={t('clusters.empty_text')}
          />
        }
      >
        {(clusters) => (
          <table className={ui.table} aria-label={t('clusters.title')}>
            <thead>
              <tr>
                <th scope="col">{t('clusters.name')}</th>
                <th scope="col">{t('clusters.state')}</th>
                <th scope="col">{t('clusters.tenants')}</th>
                <th scope="col">{t('clusters.size')}</th>
                <th scope="col">{t('clusters.connections')}</th>
                <th scope="col">{t('clusters.accepting')}</th>
                <th scope="col">
                  <span className="visually-hidden">{t('clusters.limit')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {clusters.map((cluster) => (
                <ClusterRow key={cluster.id} cluster={cluster} onDone={setSaid} />
              ))}
            </tbody>
          </table>
        )}
      </Listing>
    </>
  );
}
