import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import { fullName } from '~/ui/Initials';
import { IconUsers } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
import { categoryList, teamList } from '../arrange/queries';
import { Presence } from '../availability/Presence';
import { TeamForm } from './TeamForm';

/** Who works together, how their tickets are given out, and who is there. */
export function TeamsPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('teams.title'));
  return (
    <>
      <h1 className={page.title}>{t('teams.title')}</h1>
      <p className={page.intro}>{t('teams.intro')}</p>
      <Collection
        of="teams"
        icon={IconUsers}
        list={useQuery(teamList)}
        lists={[teamList.queryKey, categoryList.queryKey]}
        row={({ id, version, name, assignment, members }) => ({
          name,
          said: `${t(`teams.way.${assignment}`)} · ${members.map(fullName).join(', ') || t('teams.nobody')}`,
          remove: () =>
            unwrap(
              app.DELETE('/api/v1/teams/{team}', {
                params: { path: { team: id } },
                headers: ifVersion(version),
              }),
            ),
        })}
        form={(team, onClose) => <TeamForm team={team} onClose={onClose} />}
      />
      <Presence />
    </>
  );
}
