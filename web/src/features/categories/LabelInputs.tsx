import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NAMES } from '~/i18n';

type Labels = { fr: string; en: string };

/** What people read, in each language of the product. */
export function LabelInputs(props: {
  labels: Labels;
  faults: Record<string, string>;
  onChange: (labels: Labels) => void;
}) {
  const { t } = useTranslation('arrange');
  return (['en', 'fr'] as const).map((language) => (
    <TextInput
      key={language}
      label={t('categories.label', { language: NAMES[language] })}
      maxLength={100}
      autoComplete="off"
      value={props.labels[language]}
      error={props.faults[`labels.${language}`]}
      onChange={(event) =>
        props.onChange({ ...props.labels, [language]: event.currentTarget.value })
      }
    />
  ));
}

/** Which of the labels are missing. */
export function missingLabels(labels: Labels, said: string): Record<string, string> {
  return Object.fromEntries(
    (['en', 'fr'] as const)
      .filter((language) => !labels[language].trim())
      .map((language) => [`labels.${language}`, said]),
  );
}
