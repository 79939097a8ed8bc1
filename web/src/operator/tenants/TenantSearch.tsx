import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clusterChoice } from '../clusters/queries';
import ui from '../ui/ui.module.css';
import type { TenantFilters } from './queries';
import { STATUSES } from './status';

/** Typing pauses this long before the server is asked. */
const PAUSE_MS = 300;

/** Finds tenants by how they begin, by where they stand and by where they are. */
export function TenantSearch(now: TenantFilters) {
  const { t } = useTranslation('operator');
  const navigate = useNavigate();
  const [typed, setTyped] = useState(now.q ?? '');
  // Without the servers one still finds by everything else.
  const clusters = useQuery(clusterChoice).data?.map(({ name }) => name) ?? [];
  const go = (search: TenantFilters) => void navigate({ to: '/tenants', search, replace: true });
  const later = useDebouncedCallback(
    (q: string) => go({ ...now, q: q.trim() || undefined }),
    PAUSE_MS,
  );
  function clear() {
    setTyped('');
    go({});
  }
  const named = [...new Set([...clusters, ...(now.cluster ? [now.cluster] : [])])];
  return (
    <form
      className={ui.filters}
      aria-label={t('tenants.search')}
      onSubmit={(event) => {
        event.preventDefault();
        later.flush();
      }}
    >
      <TextInput
        label={t('tenants.q')}
        size="xs"
        type="search"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          later(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label={t('tenants.status')}
        size="xs"
        value={now.status ?? ''}
        onChange={(event) => go({ ...now, status: event.currentTarget.value || undefined })}
        data={[
          { value: '', label: t('tenants.any') },
          ...STATUSES.map((value) => ({ value, label: t(`tenants.statuses.${value}`) })),
        ]}
      />
      <NativeSelect
        label={t('tenants.cluster')}
        size="xs"
        value={now.cluster ?? ''}
        onChange={(event) => go({ ...now, cluster: event.currentTarget.value || undefined })}
        data={[{ value: '', label: t('tenants.any') }, ...named]}
      />
      {(now.q || now.status || now.cluster) && (
        <Button size="xs" variant="subtle" onClick={clear}>
          {t('list.clear')}
        </Button>
      )}
    </form>
  );
}
