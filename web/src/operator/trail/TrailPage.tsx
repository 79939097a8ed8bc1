import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry, PlatformEntry } from '~/api/types';
import log from '~/features/audit/Audit.module.css';
import { AuditRow } from '~/features/audit/AuditRow';
import { EmptyState } from '~/ui/EmptyState';
import { IconHistory } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Listing } from '../ui/Listing';
import ui from '../ui/ui.module.css';
import { type TrailFilters, trailList } from './queries';

/** What was done on the platform, by whom, in all tenants. */
export function TrailPage() {
  const { t } = useTranslation('operator');
  useTitle(t('trail.title'));
  const { action, resource, from, to }: TrailFilters = useSearch({ strict: false });
  const filters = { action, resource, from, to };
  const list = useInfiniteQuery(trailList(filters));
  const filtered = Object.values(filters).some(Boolean);
  return (
    <>
      <h1 className={page.title}>{t('trail.title')}</h1>
      <p className={page.intro}>{t('trail.intro')}</p>
      <Filters key={JSON.stringify(filters)} now={filters} filtered={filtered} />
      <Listing
        list={list}
        empty={
          <EmptyState
            icon={<IconHistory size={24} stroke={1.5} />}
            title={t(filtered ? 'trail.nothing' : 'trail.empty')}
            text={t(filtered ? 'trail.nothing_text' : 'trail.empty_text')}
          />
        }
      >
        {(entries) => (
          <ul className={log.log} aria-label={t('trail.title')}>
            {entries.map((entry) => (
              <AuditRow key={entry.id} entry={rowOf(entry)} />
            ))}
          </ul>
        )}
      </Listing>
    </>
  );
}

/** An entry as the row of every audit log tells it. */
function rowOf({ id, actor, outcome, ...entry }: PlatformEntry) {
  return {
    ...entry,
    id: String(id),
    actor: actor as AuditEntry['actor'],
    outcome: outcome as AuditEntry['outcome'],
  };
}

function Filters({ now, filtered }: { now: TrailFilters; filtered: boolean }) {
  const { t } = useTranslation('operator');
  const { t: audit } = useTranslation('audit');
  const navigate = useNavigate();
  const [typed, setTyped] = useState(now);
  const go = (search: TrailFilters) => void navigate({ to: '/trail', search });
  const field = (name: keyof TrailFilters) => ({
    label: audit(`filter.${name}`),
    size: 'xs' as const,
    autoComplete: 'off',
    value: typed[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value || undefined }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    go(typed);
  }
  return (
    <form className={ui.filters} aria-label={audit('filter.label')} noValidate onSubmit={submit}>
      <TextInput {...field('action')} placeholder="TenantSuspended" />
      <TextInput {...field('resource')} placeholder="tenant" />
      <TextInput {...field('from')} type="date" />
      <TextInput {...field('to')} type="date" />
      <Button type="submit" size="xs">
        {t('list.filter')}
      </Button>
      {filtered && (
        <Button size="xs" variant="subtle" onClick={() => go({})}>
          {t('list.clear')}
        </Button>
      )}
    </form>
  );
}
