import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconVersions } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { migrationList } from './queries';
import { RunTable } from './RunTable';
import { StartRun } from './StartRun';

/** Runs that bring every tenant's database to the release's schema. */
export function MigrationsPage() {
  const { t } = useTranslation('operator');
  useTitle(t('migrations.title'));
  const list = useInfiniteQuery(migrationList);
  return (
    <>
      <div className={ui.head}>
        <div>
          <h1 className={page.title}>{t('migrations.title')}</h1>
          <p className={page.intro}>{t('migrations.intro')}</p>
        </div>
        <StartRun />
      </div>
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconVersions size={24} stroke={1.5} />}
            title={t('migrations.empty')}
            text={t('migrations.empty_text')}
          />
        }
      >
        {(runs) => <RunTable runs={runs} />}
      </Listing>
    </>
  );
}
