import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Longest name, the same as the server's. */
const LONGEST = 100;

/** What something is called, as people find it again: where its form begins. */
export function NameField(props: {
  value: string;
  fault: string | undefined;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation('arrange');
  return (
    <TextInput
      label={t('name')}
      maxLength={LONGEST}
      autoComplete="off"
      data-autofocus
      value={props.value}
      error={props.fault}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
