import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconHistory } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import classes from './Audit.module.css';
import { AuditRow } from './AuditRow';
import { ExportButtons } from './ExportButtons';
import { FilterForm } from './FilterForm';
import { type Filters, NO_FILTERS } from './filters';
import { auditLog } from './queries';

/** Who did what, and what was refused: to look through, and to take along. */
export function AuditPage() {
  const { t } = useTranslation('audit');
  useTitle(t('title'));
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const form = useRef<HTMLFormElement>(null);
  /** Whatever was pressed in the list goes with the list: the keyboard goes on at the filters. */
  function narrow(to: Filters) {
    setFilters(to);
    form.current?.querySelector('select')?.focus();
  }
  return (
    <>
      <div className={classes.head}>
        <div>
          <h1 className={page.title}>{t('title')}</h1>
          <p className={page.intro}>{t('intro')}</p>
        </div>
        <ExportButtons filters={filters} />
      </div>
      <FilterForm ref={form} filters={filters} onChange={setFilters} />
      <Log filters={filters} onNarrow={narrow} />
    </>
  );
}

function Log({ filters, onNarrow }: { filters: Filters; onNarrow: (to: Filters) => void }) {
  const { t } = useTranslation('audit');
  const list = useInfiniteQuery(auditLog(filters));
  const entries = list.data?.pages.flatMap((one) => one.data) ?? [];
  if (list.isPending) return <Promised label={t('loading')} />;
  if (!list.data) {
    return (
      <div className={page.card}>
        <ErrorState title={t('error')} error={list.error} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  if (entries.length === 0 && !list.hasNextPage) {
    const filtered = filters !== NO_FILTERS;
    return (
      <div className={page.card}>
        <EmptyState
          icon={<IconHistory size={24} stroke={1.5} />}
          title={t(filtered ? 'nothing' : 'empty')}
          text={t(filtered ? 'nothing_text' : 'empty_text')}
        >
          {filtered && (
            <Button variant="default" onClick={() => onNarrow(NO_FILTERS)}>
              {t('clear')}
            </Button>
          )}
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      <div className={page.card}>
        <ul
          className={classes.log}
          aria-label={t('title')}
          aria-busy={list.isFetching || undefined}
        >
          {entries.map((entry) => (
            <AuditRow
              key={`${entry.id}-${entry.at}`}
              entry={entry}
              onPerson={(id) => onNarrow({ ...filters, user: String(id) })}
            />
          ))}
        </ul>
      </div>
      <More list={list} ask={t('more')} failed={t('more_error')} />
    </>
  );
}

function Promised({ label }: { label: string }) {
  return (
    <div
      role="status"
      aria-busy="true"
      aria-label={label}
      className={`${page.card} ${page.section}`}
    >
      {[62, 48, 70, 55].map((width) => (
        <Skeleton key={width} height={14} width={`${width}%`} />
      ))}
    </div>
  );
}
