import { Checkbox, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { Priority, SavePolicy, SlaPolicy } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { withChosen } from '../arrange/chosen';
import { FormDialog } from '../arrange/FormDialog';
import { labelOf } from '../arrange/label';
import { NameField } from '../arrange/NameField';
import { categoryList, teamList } from '../arrange/queries';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { Position } from '../categories/CategoryForm';
import { TagField } from '../tags/TagField';
import classes from './SlaPage.module.css';
import { calendarList, policyList } from './settings';
import { PRIORITIES, TargetGrid, type TypedTargets } from './TargetGrid';
import { minutesOf, typedOf } from './targets';

type Conditions = { categories: string[]; tags: string[]; teams: number[] };
type Typed = Conditions & {
  name: string;
  position: number;
  calendar_id: number | null;
  targets: TypedTargets;
};

/** What most promise at first, in minutes. */
const FIRST: Record<Priority, [response: number, resolution: number]> = {
  urgent: [60, 480],
  high: [240, 1440],
  medium: [480, 2880],
  low: [1440, 5760],
};

function typedFrom(policy: SlaPolicy | null): Typed {
  const target = (priority: Priority) => {
    const [response, resolution] = FIRST[priority];
    const { [priority]: of } = policy?.targets ?? { [priority]: { response, resolution } };
    return {
      response: typedOf(of?.response ?? response),
      resolution: typedOf(of?.resolution ?? resolution),
    };
  };
  return {
    name: policy?.name ?? '',
    position: policy?.position ?? 0,
    categories: policy?.categories ?? [],
    tags: policy?.tags ?? [],
    teams: policy?.teams ?? [],
    calendar_id: policy?.calendar_id ?? null,
    targets: {
      low: target('low'),
      medium: target('medium'),
      high: target('high'),
      urgent: target('urgent'),
    },
  };
}

/** Adds a policy, or changes one; tickets keep what was promised to them. */
export function PolicyForm({ policy, onClose }: { policy: SlaPolicy | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { data: calendars = [] } = useQuery(calendarList);
  const { base, typed, set, others, dirty } = useTyped(policy, typedFrom);
  const saving = useSaving({
    save: useSave(base),
    lists: [policyList.queryKey],
    onSaved: onClose,
  });
  const { faults } = saving;
  function submit() {
    const { targets, ...rest } = typed;
    const { minutes, wrong } = promised(targets, t('sla.no_time'));
    const name = typed.name.trim();
    const body = { ...rest, name, targets: minutes };
    saving.submit(body, { ...(!name && { name: session('required') }), ...wrong });
  }
  return (
    <FormDialog
      title={t(policy ? 'policies.edit' : 'policies.new')}
      saving={saving}
      others={others}
      place="full"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <NameField value={typed.name} fault={faults.name} onChange={(name) => set({ name })} />
      <TargetGrid
        targets={typed.targets}
        faults={faults}
        onChange={(targets) => set({ targets })}
      />
      <NativeSelect
        label={t('sla.hours')}
        description={t('sla.hours_text')}
        value={String(typed.calendar_id ?? '')}
        error={faults.calendar_id}
        onChange={({ currentTarget: { value } }) =>
          set({ calendar_id: value ? Number(value) : null })
        }
        data={[
          { value: '', label: t('sla.always') },
          ...calendars.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
      {!policy?.is_default && (
        <>
          <Of conditions={typed} faults={faults} onChange={set} />
          <Position value={typed.position} onChange={(position) => set({ position })} />
        </>
      )}
    </FormDialog>
  );
}

/** For which tickets it is: of any of these categories, with any of these tags, of any of these teams. */
function Of(props: {
  conditions: Conditions;
  faults: Record<string, string>;
  onChange: (change: Partial<Conditions>) => void;
}) {
  const { t, i18n } = useTranslation('arrange');
  const { data: categories } = useQuery(categoryList);
  const { data: teams } = useQuery(teamList);
  const { conditions, faults, onChange } = props;
  // What was removed since is among them: it can be taken off.
  const ofCategories = withChosen(
    (categories ?? []).map((one) => ({ value: one.name, label: labelOf(one, i18n.language) })),
    conditions.categories,
    (name) => (categories ? t('gone.category', { name }) : name),
  );
  const ofTeams = withChosen(
    (teams ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
    conditions.teams.map(String),
    (id) => (teams ? t('gone.team', { id }) : '…'),
  );
  return (
    <>
      {ofCategories.length > 0 && (
        <Checkbox.Group
          label={t('sla.categories')}
          description={t('sla.any')}
          value={conditions.categories}
          error={faults.categories}
          onChange={(chosen) => onChange({ categories: chosen })}
        >
          <div className={classes.choices}>
            {ofCategories.map((one) => (
              <Checkbox key={one.value} {...one} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      <TagField
        label={t('sla.tags')}
        value={conditions.tags}
        error={faults.tags}
        onChange={(tags) => onChange({ tags })}
      />
      {ofTeams.length > 0 && (
        <Checkbox.Group
          label={t('sla.teams')}
          value={conditions.teams.map(String)}
          error={faults.teams}
          onChange={(chosen) => onChange({ teams: chosen.map(Number) })}
        >
          <div className={classes.choices}>
            {ofTeams.map((one) => (
              <Checkbox key={one.value} {...one} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </>
  );
}

/** The times in minutes, and which of them are none. */
function promised(targets: TypedTargets, said: string) {
  const wrong: Record<string, string> = {};
  const read = (priority: Priority, which: 'response' | 'resolution') => {
    const minutes = minutesOf(targets[priority][which]);
    if (minutes === null) wrong[`targets.${priority}.${which}`] = said;
    return minutes ?? 0;
  };
  const minutes = Object.fromEntries(
    PRIORITIES.map((priority) => [
      priority,
      { response: read(priority, 'response'), resolution: read(priority, 'resolution') },
    ]),
  ) as SavePolicy['targets'];
  return { minutes, wrong };
}

function useSave(policy: SlaPolicy | null): (body: SavePolicy) => Promise<SlaPolicy> {
  const keyOf = useOnceKey();
  return (body) =>
    policy
      ? unwrap(
          app.PUT('/api/v1/sla/policies/{id}', {
            params: { path: { id: policy.id } },
            headers: ifVersion(policy.version),
            body,
          }),
        )
      : unwrap(app.POST('/api/v1/sla/policies', { body, headers: once(keyOf(body)) }));
}
