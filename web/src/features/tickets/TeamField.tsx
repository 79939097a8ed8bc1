import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { teamList } from '../arrange/queries';
import { useChange } from './changes';

/** In whose queue a ticket is. Nothing where there is no team. */
export function TeamField({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('desk');
  const { data: teams = [] } = useQuery(teamList);
  const change = useChange(ticket);
  if (teams.length === 0 && !ticket.team) return null;
  return (
    <NativeSelect
      size="xs"
      label={t('team.label')}
      disabled={ticket.status === 'closed'}
      value={String(ticket.team_id ?? '')}
      onChange={(event) => {
        const team = teams.find(({ id }) => String(id) === event.currentTarget.value);
        change.mutate({ kind: 'team', to: team ? { id: team.id, name: team.name } : null });
      }}
      data={[
        { value: '', label: t('team.none') },
        ...teams.map(({ id, name }) => ({ value: String(id), label: name })),
      ]}
    />
  );
}
