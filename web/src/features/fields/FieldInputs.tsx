import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CustomField } from '~/api/types';
import { IconLock } from '~/ui/icons';
import { labelOf } from '../arrange/label';
import classes from './Fields.module.css';
import { faultKey, type Values } from './values';

/** Longest text, the same as the server's. */
const LONGEST = 4000;

type Props = {
  fields: CustomField[];
  values: Values;
  /** What is wrong, by the server's name of the field. */
  faults: Record<string, string>;
  /** What is to be known about a field, by the same name. */
  notes?: Record<string, string>;
  side: 'staff' | 'customer';
  size?: 'xs' | 'sm';
  disabled?: boolean;
  onChange: (key: string, value: Values[string]) => void;
};

/** What is asked of a ticket besides, each field as its type wants it. */
export function FieldInputs({ fields, values, faults, notes, side, onChange, ...look }: Props) {
  const { i18n } = useTranslation();
  return fields.map((field) => (
    <FieldInput
      key={field.key}
      field={field}
      label={labelOf(field, i18n.language)}
      value={values[field.key]}
      must={side === 'staff' ? field.required_for_agents : field.required_for_customers}
      fault={faults[faultKey(field)]}
      note={notes?.[faultKey(field)]}
      look={look}
      onChange={(value) => onChange(field.key, value)}
    />
  ));
}

function FieldInput(props: {
  field: CustomField;
  label: string;
  value: string | string[] | undefined;
  must: boolean;
  fault: string | undefined;
  note: string | undefined;
  look: { size?: 'xs' | 'sm'; disabled?: boolean };
  onChange: (value: string | string[]) => void;
}) {
  const { t } = useTranslation('portal');
  const { field, label, fault, onChange } = props;
  const shown = field.sensitive ? (
    <>
      {label} <IconLock size={12} role="img" aria-label={t('fields.sealed')} />
    </>
  ) : (
    label
  );
  const said = { label: shown, error: fault, description: props.note };
  const common = { ...said, withAsterisk: props.must, ...props.look };
  const text = typeof props.value === 'string' ? props.value : '';
  if (field.type === 'multi_select') {
    return (
      <Checkbox.Group
        {...common}
        value={Array.isArray(props.value) ? props.value : []}
        onChange={onChange}
      >
        <div className={classes.choices}>
          {field.options.map((option) => (
            <Checkbox key={option} value={option} label={option} {...props.look} />
          ))}
        </div>
      </Checkbox.Group>
    );
  }
  if (field.type === 'select' || field.type === 'boolean') {
    const choices =
      field.type === 'select'
        ? field.options.map((option) => ({ value: option, label: option }))
        : [
            { value: 'true', label: t('fields.yes') },
            { value: 'false', label: t('fields.no') },
          ];
    return (
      <NativeSelect
        {...common}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[{ value: '', label: '–' }, ...choices]}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={field.type === 'date' ? 'date' : 'text'}
      inputMode={field.type === 'number' ? 'decimal' : undefined}
      autoComplete="off"
      maxLength={LONGEST}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
