import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Category } from '~/api/types';
import { labelOf } from '../arrange/label';
import { categoryNamed } from './values';

/** What a ticket is about: one of the defined categories; where none is defined, any word. */
export function CategoryInput(props: {
  categories: Category[];
  value: string;
  fault?: string;
  /** What is to be known about it. */
  description?: string;
  size?: 'xs' | 'sm';
  disabled?: boolean;
  onChange: (category: string) => void;
}) {
  const { t, i18n } = useTranslation('portal');
  const { categories, value, fault, onChange, ...look } = props;
  if (categories.length === 0) {
    return (
      <TextInput
        {...look}
        label={t('fields.category')}
        maxLength={64}
        autoComplete="off"
        value={value}
        error={fault}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const known = categoryNamed(categories, value);
  const choices = categories
    .filter((one) => one.active || one === known)
    .map((one) => ({ value: one.name, label: labelOf(one, i18n.language) }));
  // A word from before the categories were defined stays readable.
  const old = value && !known ? [{ value, label: value }] : [];
  return (
    <NativeSelect
      {...look}
      label={t('fields.category')}
      value={known?.name ?? value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: '', label: t('fields.no_category') }, ...old, ...choices]}
    />
  );
}
