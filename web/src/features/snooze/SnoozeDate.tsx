import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../arrange/FormDialog';
import { endOf, typedOf } from './presets';

/** Asks until which day and hour. */
export function SnoozeDate(props: { onUntil: (until: string) => void; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const [first] = useState(() => typedOf(endOf('tomorrow', new Date())));
  const [typed, setTyped] = useState(first);
  const [fault, setFault] = useState<string | null>(null);
  function submit() {
    const at = new Date(typed);
    if (!(at.getTime() > Date.now())) return setFault(t('snooze.past'));
    props.onUntil(at.toISOString());
    props.onClose();
  }
  return (
    <FormDialog
      title={t('snooze.title')}
      submit={t('snooze.submit')}
      dirty={typed !== first}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <TextInput
        type="datetime-local"
        label={t('snooze.until')}
        data-autofocus
        value={typed}
        error={fault}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setFault(null);
        }}
      />
    </FormDialog>
  );
}
