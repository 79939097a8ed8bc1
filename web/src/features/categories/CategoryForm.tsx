import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { Category, SaveCategory } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { withChosen } from '../arrange/chosen';
import { FormDialog } from '../arrange/FormDialog';
import { categoryList, teamList } from '../arrange/queries';
import { SkillField } from '../arrange/SkillField';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { LabelInputs, missingLabels } from './LabelInputs';

type Typed = Required<SaveCategory>;

function typedOf(category: Category | null): Typed {
  return {
    name: category?.name ?? '',
    labels: category?.labels ?? { fr: '', en: '' },
    active: category?.active ?? true,
    position: category?.position ?? 0,
    team_id: category?.team_id ?? null,
    skills: category?.skills ?? [],
  };
}

/** Defines a category, or changes one; its name in tickets never changes. */
export function CategoryForm(props: { category: Category | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { category, onClose } = props;
  const { data: teams } = useQuery(teamList);
  const { base, typed, set, others, dirty } = useTyped(category, typedOf);
  const saving = useSaving({
    save: useSave(base),
    lists: [categoryList.queryKey],
    onSaved: onClose,
  });
  const { faults } = saving;
  function submit() {
    const body = { ...typed, name: typed.name.trim() };
    saving.submit(body, {
      ...(!body.name && { name: session('required') }),
      ...missingLabels(typed.labels, session('required')),
    });
  }
  return (
    <FormDialog
      title={t(category ? 'categories.edit' : 'categories.new')}
      saving={saving}
      others={others}
      place="category"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('categories.name')}
        description={t('categories.name_text')}
        maxLength={64}
        autoComplete="off"
        disabled={category !== null}
        data-autofocus={category === null || undefined}
        value={typed.name}
        error={faults.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <LabelInputs labels={typed.labels} faults={faults} onChange={(labels) => set({ labels })} />
      <NativeSelect
        label={t('categories.team')}
        description={t('categories.team_text')}
        value={String(typed.team_id ?? '')}
        error={faults.team_id}
        onChange={({ currentTarget: { value } }) => set({ team_id: value ? Number(value) : null })}
        data={withChosen(
          [
            { value: '', label: t('categories.no_team') },
            ...(teams ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          ],
          [String(typed.team_id ?? '')],
          (id) => (teams ? t('gone.team', { id }) : '…'),
        )}
      />
      <SkillField
        label={t('categories.skills')}
        description={t('categories.skills_text')}
        value={typed.skills}
        error={faults.skills}
        onChange={(skills) => set({ skills })}
      />
      <Position value={typed.position} onChange={(position) => set({ position })} />
      <Switch
        label={t('categories.active')}
        description={t('categories.active_text')}
        checked={typed.active ?? true}
        onChange={(event) => set({ active: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}

/** Where something stands among its like. */
export function Position(props: { value: number; onChange: (position: number) => void }) {
  const { t } = useTranslation('arrange');
  return (
    <TextInput
      type="number"
      label={t('position')}
      description={t('position_text')}
      value={props.value}
      onChange={(event) => props.onChange(Math.trunc(Number(event.currentTarget.value)))}
    />
  );
}

function useSave(category: Category | null): (typed: Typed) => Promise<Category> {
  const keyOf = useOnceKey();
  return (typed) => {
    if (!category) {
      return unwrap(app.POST('/api/v1/categories', { body: typed, headers: once(keyOf(typed)) }));
    }
    const { name: _, ...body } = typed;
    return unwrap(
      app.PATCH('/api/v1/categories/{category}', {
        params: { path: { category: category.id } },
        headers: ifVersion(category.version),
        body,
      }),
    );
  };
}
