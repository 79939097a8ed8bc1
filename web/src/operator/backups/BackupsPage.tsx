import { Button, Switch, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { IconArchive } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import { Said } from '../ui/Said';
import ui from '../ui/ui.module.css';
import { AskFor } from './AskFor';
import { BackupTable } from './BackupTable';
import { Drills } from './Drills';
import { type BackupFilters, backupList } from './queries';
import { newestOfEach } from './rules';
import { Without } from './Without';

/** What is there to go back to, how old it is, and whether it was ever tried. */
export function BackupsPage() {
  const { t } = useTranslation('operator');
  useTitle(t('backups.title'));
  const { tenant }: { tenant?: string } = useSearch({ strict: false });
  const [late, setLate] = useState(false);
  const which: BackupFilters = tenant ? { tenant } : late ? { late } : {};
  const list = useInfiniteQuery(backupList(which));
  const [all, setAll] = useState(false);
  const [said, setSaid] = useState('');
  const none = which.tenant ? 'nothing' : 'empty';
  return (
    <>
      <div className={ui.head}>
        <div>
          <h1 className={page.title}>{t('backups.title')}</h1>
          <p className={page.intro}>{t('backups.intro')}</p>
        </div>
        <div className={page.buttons}>
          <AskFor what="drill" tenant={tenant} onDone={setSaid} />
          <AskFor what="backup" tenant={tenant} onDone={setSaid} />
        </div>
      </div>
      <Said>{said}</Said>
      <Filter tenant={tenant}>
        <Switch
          label={t('backups.all')}
          checked={all}
          disabled={late}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
        <Switch
          label={t('backups.oldest_first')}
          checked={late}
          onChange={(event) => setLate(event.currentTarget.checked)}
        />
      </Filter>
      <Without tenants={list.data?.pages[0]?.without} />
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconArchive size={24} stroke={1.5} />}
            title={t(`backups.${none}`)}
            text={t(`backups.${none}_text`)}
          />
        }
      >
        {(backups) => (
          <BackupTable
            backups={all || tenant ? backups : newestOfEach(backups)}
            newest={newestOfEach(backups)}
            onDone={setSaid}
          />
        )}
      </Listing>
      <Drills />
    </>
  );
}

function Filter({ tenant, children }: { tenant?: string; children: React.ReactNode }) {
  const { t } = useTranslation('operator');
  const navigate = useNavigate();
  const [typed, setTyped] = useState(tenant ?? '');
  useEffect(() => setTyped(tenant ?? ''), [tenant]);
  const go = (to?: string) => void navigate({ to: '/backups', search: to ? { tenant: to } : {} });
  function submit(event: FormEvent) {
    event.preventDefault();
    go(typed.trim());
  }
  return (
    <form className={ui.filters} aria-label={t('backups.filter')} noValidate onSubmit={submit}>
      <TextInput
        label={t('jobs.tenant')}
        size="xs"
        placeholder="acme"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t('list.filter')}
      </Button>
      {tenant ? (
        <Button size="xs" variant="subtle" onClick={() => go()}>
          {t('list.clear')}
        </Button>
      ) : (
        children
      )}
    </form>
  );
}
