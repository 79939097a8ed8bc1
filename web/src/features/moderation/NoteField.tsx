import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Letters of a reason at most, the same as the server's. */
const LONGEST = 500;

/** Why a content is judged so. */
export function NoteField(props: {
  value: string;
  error: string | undefined;
  onChange: (note: string) => void;
}) {
  const { t } = useTranslation('moderation');
  return (
    <TextInput
      label={t('note')}
      description={t('note_text')}
      maxLength={LONGEST}
      autoComplete="off"
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
