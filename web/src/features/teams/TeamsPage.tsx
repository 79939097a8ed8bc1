import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import type { Team } from '~/api/types';
import { IconPlus, IconUsers } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import head from '../arrange/Head.module.css';
import { Listed } from '../arrange/Listed';
import { categoryList, teamList } from '../arrange/queries';
import { RowActions } from '../arrange/RowActions';
import { Presence } from '../availability/Presence';
import { TeamForm } from './TeamForm';

/** Who works together, how their tickets are given out, and who is there. */
export function TeamsPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('teams.title'));
  const list = useQuery(teamList);
  const [open, setOpen] = useState<Team | 'new' | null>(null);
  return (
    <>
      <h1 className={page.title}>{t('teams.title')}</h1>
      <p className={page.intro}>{t('teams.intro')}</p>
      <div className={head.head}>
        <h2 className={page.heading}>{t('teams.title')}</h2>
        <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
          {t('teams.new')}
        </Button>
      </div>
      <Listed
        list={list}
        label={t('teams.title')}
        none={t('teams.none')}
        noneText={t('teams.none_text')}
        icon={<IconUsers size={24} stroke={1.5} />}
        row={(team) => <Row key={team.id} team={team} onEdit={() => setOpen(team)} />}
      />
      <Presence />
      {open && <TeamForm team={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Row({ team, onEdit }: { team: Team; onEdit: () => void }) {
  const { t } = useTranslation('arrange');
  const names = team.members.map(({ firstname, lastname }) => `${firstname} ${lastname}`);
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{team.name}</span>
        <span className={page.dim}>
          {t(`teams.way.${team.assignment}`)} · {names.join(', ') || t('teams.nobody')}
        </span>
      </span>
      <RowActions
        name={team.name}
        text={t('teams.remove_text')}
        onEdit={onEdit}
        remove={() =>
          unwrap(
            app.DELETE('/api/v1/teams/{team}', {
              params: { path: { team: team.id } },
              headers: ifVersion(team.version),
            }),
          )
        }
        lists={[teamList.queryKey, categoryList.queryKey]}
      />
    </li>
  );
}
