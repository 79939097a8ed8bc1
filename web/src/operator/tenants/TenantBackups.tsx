import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import page from '~/ui/page.module.css';
import { AskFor } from '../backups/AskFor';
import { BackupTable } from '../backups/BackupTable';
import { backupList } from '../backups/queries';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';

/** How many of its backups a tenant's page shows at first. */
const SHOWN = 5;

/** What a tenant can be brought back to. */
export function TenantBackups({ slug, onDone }: { slug: string; onDone: (said: string) => void }) {
  const { t } = useTranslation('operator');
  const list = useInfiniteQuery(backupList({ tenant: slug }, SHOWN));
  return (
    <section aria-labelledby="tenant-backups" style={{ marginTop: 24 }}>
      <div className={ui.head}>
        <h2 id="tenant-backups" className={page.heading}>
          <Link to="/backups" search={{ tenant: slug }}>
            {t('backups.title')}
          </Link>
        </h2>
        <div className={page.buttons}>
          <AskFor what="drill" tenant={slug} onDone={onDone} />
          <AskFor what="backup" tenant={slug} onDone={onDone} />
        </div>
      </div>
      <Listing
        list={list}
        empty={<EmptyState title={t('backups.nothing')} text={t('backups.nothing_text')} />}
      >
        {(backups) => (
          <BackupTable backups={backups} newest={backups.slice(0, 1)} of={slug} onDone={onDone} />
        )}
      </Listing>
    </section>
  );
}
