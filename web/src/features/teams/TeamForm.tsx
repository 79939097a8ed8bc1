import { Checkbox, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { Agent, SaveTeam, Team } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { fullName } from '~/ui/Initials';
import { Outstanding } from '~/ui/Outstanding';
import { FormDialog } from '../arrange/FormDialog';
import { NameField } from '../arrange/NameField';
import { teamList } from '../arrange/queries';
import { SkillField } from '../arrange/SkillField';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { keys as tickets } from '../tickets/keys';
import { agentList } from '../tickets/queries';
import classes from './Teams.module.css';

const WAYS: Team['assignment'][] = ['manual', 'round_robin', 'least_loaded'];

type Typed = {
  name: string;
  assignment: Team['assignment'];
  /** What each member knows, by their id. */
  members: Record<number, string[]>;
};

function typedOf(team: Team | null): Typed {
  return {
    name: team?.name ?? '',
    assignment: team?.assignment ?? 'manual',
    members: Object.fromEntries(
      (team?.members ?? []).map(({ user_id, skills }) => [user_id, skills]),
    ),
  };
}

/** Makes a team, or changes one: its name, its members and how tickets are given out. */
export function TeamForm({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { base, typed, set, others, dirty } = useTyped(team, typedOf);
  const saving = useSaving({
    save: useSave(base),
    lists: [teamList.queryKey, tickets.agents],
    onSaved: onClose,
  });
  function submit() {
    const name = typed.name.trim();
    const members = Object.entries(typed.members).map(([id, skills]) => ({
      user_id: Number(id),
      skills,
    }));
    const wrong: Record<string, string> = name ? {} : { name: session('required') };
    saving.submit({ name, assignment: typed.assignment, members }, wrong);
  }
  return (
    <FormDialog
      title={t(team ? 'teams.edit' : 'teams.new')}
      saving={saving}
      others={others}
      place="team"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <NameField value={typed.name} fault={saving.faults.name} onChange={(name) => set({ name })} />
      <NativeSelect
        label={t('teams.assignment')}
        description={t(`teams.way_text.${typed.assignment}`)}
        value={typed.assignment}
        onChange={(event) => set({ assignment: event.currentTarget.value as Team['assignment'] })}
        data={WAYS.map((value) => ({ value, label: t(`teams.way.${value}`) }))}
      />
      <Members members={typed.members} onChange={(members) => set({ members })} />
    </FormDialog>
  );
}

function useSave(team: Team | null): (body: SaveTeam) => Promise<Team> {
  const keyOf = useOnceKey();
  return (body) =>
    team
      ? unwrap(
          app.PATCH('/api/v1/teams/{team}', {
            params: { path: { team: team.id } },
            headers: ifVersion(team.version),
            body,
          }),
        )
      : unwrap(app.POST('/api/v1/teams', { body, headers: once(keyOf(body)) }));
}

/** Who belongs to it, and what each of them knows. */
function Members(props: {
  members: Record<number, string[]>;
  onChange: (members: Record<number, string[]>) => void;
}) {
  const { t } = useTranslation('arrange');
  const list = useQuery(agentList);
  const { members, onChange } = props;
  function turn({ id }: Agent, joins: boolean) {
    const { [id]: _, ...others } = members;
    onChange(joins ? { ...others, [id]: [] } : others);
  }
  return (
    <fieldset className={classes.members}>
      <legend>{t('teams.members')}</legend>
      {!list.data && <Outstanding query={list} />}
      {list.data?.map((agent) => (
        <div key={agent.id} className={classes.member}>
          <Checkbox
            label={fullName(agent)}
            checked={members[agent.id] !== undefined}
            onChange={(event) => turn(agent, event.currentTarget.checked)}
          />
          {members[agent.id] && (
            <SkillField
              label={t('teams.skills', { name: fullName(agent) })}
              value={members[agent.id] ?? []}
              onChange={(skills) => onChange({ ...members, [agent.id]: skills })}
            />
          )}
        </div>
      ))}
    </fieldset>
  );
}
