import { ActionIcon, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  IconAlarm,
  IconBookmark,
  IconHourglass,
  IconInbox,
  IconMoon,
  IconPlus,
  IconUser,
  IconUserQuestion,
  IconUsers,
} from '~/ui/icons';
import side from '~/ui/sideNav.module.css';
import { viewCounts, viewList } from '../tickets/queries';
import { savable } from '../tickets/savable';
import { useQueue } from '../tickets/useQueue';
import { BUILT_IN, type View } from '../tickets/views';
import { SaveView } from './lazily';
import classes from './Views.module.css';

const ICONS = {
  mine: IconUser,
  unassigned: IconUserQuestion,
  all: IconInbox,
  waiting: IconHourglass,
  snoozed: IconMoon,
  breaching: IconAlarm,
} as const;

/** The ways to look at the queue, each with how many tickets are in it right now. */
export function Views() {
  const { t } = useTranslation('queue');
  const { view: current, saved, narrowing } = useQueue();
  const { data: views } = useQuery(viewList);
  const [saving, setSaving] = useState(false);
  const filter = savable(current, saved, narrowing);
  const kept = views?.data ?? [];
  return (
    <nav className={`${side.nav} ${classes.views}`} aria-label={t('views.label')}>
      <h2>{t('views.title')}</h2>
      <ul>
        {BUILT_IN.map((view) => {
          const Icon = ICONS[view];
          return (
            <Entry key={view} view={view} name={t(`views.${view}`)} current={current === view}>
              <Icon size={18} stroke={1.75} aria-hidden="true" />
            </Entry>
          );
        })}
      </ul>
      <div className={classes.saved}>
        <h3>{t('views.saved')}</h3>
        <Tooltip label={t(filter ? 'save.title' : 'save.cannot')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t('save.title')}
            aria-disabled={!filter}
            data-disabled={!filter || undefined}
            onClick={() => filter && setSaving(true)}
          >
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {kept.length === 0 && <p className={classes.none}>{t('views.none')}</p>}
      <ul>
        {kept.map(({ id, name, scope }) => (
          <Entry key={id} view={String(id)} name={name} current={current === String(id)}>
            {scope === 'own' ? (
              <IconBookmark size={18} stroke={1.75} aria-hidden="true" />
            ) : (
              <IconUsers size={18} stroke={1.75} aria-label={t('views.shared')} />
            )}
          </Entry>
        ))}
      </ul>
      {saving && filter && (
        <Suspense fallback={null}>
          <SaveView filter={filter} onClose={() => setSaving(false)} />
        </Suspense>
      )}
    </nav>
  );
}

function Entry(props: { view: View; name: string; current: boolean; children: ReactNode }) {
  const { view, name } = props;
  return (
    <li>
      <Link
        to="/"
        search={{ view }}
        className={side.entry}
        aria-current={props.current ? 'true' : undefined}
        activeOptions={{ includeSearch: true, exact: true }}
      >
        {props.children}
        <span className={classes.name} title={name}>
          {name}
        </span>
        <Count view={view} />
      </Link>
    </li>
  );
}

function Count({ view }: { view: View }) {
  const { t } = useTranslation('queue');
  const { data: counts } = useQuery(viewCounts);
  const one = counts?.data.find((count) => count.view === view);
  // Of words that are too broad the server does not say how many tickets hold them.
  if (!one || one.count === null) return null;
  const { count, capped } = one;
  return (
    <span className={classes.count}>
      <span aria-hidden="true">{capped ? `${count}+` : count}</span>
      <span className="visually-hidden">
        {t(capped ? 'views.count_capped' : 'views.count', { count })}
      </span>
    </span>
  );
}
