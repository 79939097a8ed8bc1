import { Button, Group, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { endOf, typedOf } from './presets';

/** Asks until which day and hour. */
export function SnoozeDate(props: { onUntil: (until: string) => void; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const [typed, setTyped] = useState(() => typedOf(endOf('tomorrow', new Date())));
  const [fault, setFault] = useState<string | null>(null);
  function submit(event: FormEvent) {
    event.preventDefault();
    const at = new Date(typed);
    if (!(at.getTime() > Date.now())) return setFault(t('snooze.past'));
    props.onUntil(at.toISOString());
    props.onClose();
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('snooze.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
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
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={props.onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit">{t('snooze.submit')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
