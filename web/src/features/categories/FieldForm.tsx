import { Checkbox, NativeSelect, Switch, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { CustomField, SaveField } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { labelOf } from '../arrange/label';
import { categoryList, fieldList } from '../arrange/queries';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { Position } from './CategoryForm';
import { LabelInputs, missingLabels } from './LabelInputs';

type Typed = Required<SaveField>;

const TYPES: CustomField['type'][] = [
  'text',
  'number',
  'boolean',
  'date',
  'select',
  'multi_select',
];

/** Options of one field at most, the same as the server's. */
const MOST_OPTIONS = 200;

function typedOf(field: CustomField | null): Typed {
  return {
    key: field?.key ?? '',
    labels: field?.labels ?? { fr: '', en: '' },
    type: field?.type ?? 'text',
    options: field?.options ?? [],
    required_for_customers: field?.required_for_customers ?? false,
    required_for_agents: field?.required_for_agents ?? false,
    visible_to_customers: field?.visible_to_customers ?? false,
    sensitive: field?.sensitive ?? false,
    category_id: field?.category_id ?? null,
    position: field?.position ?? 0,
  };
}

/** Whether something is chosen in fields of this type. */
export function isChosen(type: CustomField['type']): boolean {
  return type === 'select' || type === 'multi_select';
}

/** Defines a custom field, or changes one; key and type never change. */
export function FieldForm(props: { field: CustomField | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { field, onClose } = props;
  const { base, typed, set, others, dirty } = useTyped(field, typedOf);
  const saving = useSaving({
    save: useSave(base),
    lists: [fieldList.queryKey],
    onSaved: onClose,
  });
  const { faults } = saving;
  function submit() {
    const missing = session('required');
    saving.submit(typed, {
      ...(!/^[a-z][a-z0-9_]{0,63}$/.test(typed.key) && { key: t('fields.key_text') }),
      ...missingLabels(typed.labels, missing),
      ...(isChosen(typed.type) && typed.options.length === 0 && { options: missing }),
    });
  }
  return (
    <FormDialog
      title={t(field ? 'fields.edit' : 'fields.new')}
      saving={saving}
      others={others}
      place="field"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('fields.key')}
        description={t('fields.key_text')}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        disabled={field !== null}
        data-autofocus={field === null || undefined}
        value={typed.key}
        error={faults.key}
        onChange={(event) => set({ key: event.currentTarget.value })}
      />
      <LabelInputs labels={typed.labels} faults={faults} onChange={(labels) => set({ labels })} />
      <Kind typed={typed} fixed={field !== null} fault={faults.options} set={set} />
      <Scope typed={typed} faults={faults} set={set} />
      <Switch
        label={t('fields.sensitive')}
        description={t('fields.sensitive_text')}
        // What is sealed stays so.
        disabled={base?.sensitive}
        checked={typed.sensitive}
        error={faults.sensitive}
        onChange={(event) => set({ sensitive: event.currentTarget.checked })}
      />
      <Position value={typed.position} onChange={(position) => set({ position })} />
    </FormDialog>
  );
}

type Set = (change: Partial<Typed>) => void;

/** Of which kind its values are, and what may be chosen. */
function Kind(props: { typed: Typed; fixed: boolean; fault: string | undefined; set: Set }) {
  const { t } = useTranslation('arrange');
  const { typed, set } = props;
  return (
    <>
      <NativeSelect
        label={t('fields.kind')}
        disabled={props.fixed}
        value={typed.type}
        onChange={(event) =>
          set({ type: event.currentTarget.value as CustomField['type'], options: [] })
        }
        data={TYPES.map((value) => ({ value, label: t(`fields.type.${value}`) }))}
      />
      {isChosen(typed.type) && (
        <TagsInput
          label={t('fields.options')}
          description={t('fields.options_text')}
          maxTags={MOST_OPTIONS}
          acceptValueOnBlur
          value={typed.options}
          error={props.fault}
          onChange={(options) => set({ options })}
        />
      )}
    </>
  );
}

/** Of which tickets it is asked, and of whom. */
function Scope(props: { typed: Typed; faults: Record<string, string>; set: Set }) {
  const { t, i18n } = useTranslation('arrange');
  const { data: categories = [] } = useQuery(categoryList);
  const { typed, faults, set } = props;
  return (
    <>
      <NativeSelect
        label={t('fields.category')}
        value={String(typed.category_id ?? '')}
        error={faults.category_id}
        onChange={({ currentTarget: { value } }) =>
          set({ category_id: value ? Number(value) : null })
        }
        data={[
          { value: '', label: t('fields.of_all') },
          ...categories.map((one) => ({
            value: String(one.id),
            label: labelOf(one, i18n.language),
          })),
        ]}
      />
      <Checkbox
        label={t('fields.visible_to_customers')}
        checked={typed.visible_to_customers}
        onChange={({ currentTarget: { checked } }) =>
          // Customers cannot give what they do not see.
          set({ visible_to_customers: checked, ...(!checked && { required_for_customers: false }) })
        }
      />
      <Checkbox
        label={t('fields.required_for_customers')}
        disabled={!typed.visible_to_customers}
        checked={typed.required_for_customers}
        error={faults.required_for_customers}
        onChange={(event) => set({ required_for_customers: event.currentTarget.checked })}
      />
      <Checkbox
        label={t('fields.required_for_agents')}
        checked={typed.required_for_agents}
        onChange={(event) => set({ required_for_agents: event.currentTarget.checked })}
      />
    </>
  );
}

function useSave(field: CustomField | null): (typed: Typed) => Promise<CustomField> {
  const keyOf = useOnceKey();
  return ({ options, ...typed }) => {
    // Where nothing is chosen, no options are taken.
    const rest = isChosen(typed.type) ? { options } : {};
    if (!field) {
      const body = { ...typed, ...rest };
      return unwrap(app.POST('/api/v1/custom-fields', { body, headers: once(keyOf(body)) }));
    }
    const { key: _, type: __, sensitive, ...body } = typed;
    // Said again, it would have all tickets looked at again.
    const mark = sensitive && !field.sensitive ? { sensitive } : {};
    return unwrap(
      app.PATCH('/api/v1/custom-fields/{field}', {
        params: { path: { field: field.id } },
        headers: ifVersion(field.version),
        body: { ...body, ...rest, ...mark },
      }),
    );
  };
}
