import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSize } from '~/ui/size';
import classes from './MediaSettings.module.css';
import { bytesOf } from './megabytes';

/** A size that is typed in megabytes; below the label stands it as it is said everywhere else. */
export function SizeField(props: {
  label: string;
  /** What it is for, with its size and without. */
  words: { plain: string; as: (size: string) => string };
  value: string;
  error: string | undefined;
  onChange: (typed: string) => void;
}) {
  const { t } = useTranslation('arrange');
  const size = useSize();
  const { words } = props;
  const bytes = bytesOf(props.value);
  return (
    <TextInput
      label={props.label}
      description={bytes ? words.as(size(bytes)) : words.plain}
      inputMode="decimal"
      autoComplete="off"
      classNames={{ wrapper: classes.number }}
      rightSection={t('media.mb')}
      rightSectionWidth={56}
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
