import { Button, Group, Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks why an open ticket is closed without having been worked on: it is final, so it is asked. */
export function CloseReason(props: {
  number: string;
  opened: boolean;
  onClose: () => void;
  onReason: (reason: string) => void;
}) {
  const { t } = useTranslation('tickets');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!reason.trim()) return;
    props.onReason(reason.trim());
    props.onClose();
  }
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('reason.title', { number: props.number })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        <Textarea
          label={t('reason.label')}
          description={t('reason.text')}
          autosize
          minRows={2}
          maxLength={1000}
          data-autofocus
          value={reason}
          error={tried && !reason.trim() ? session('required') : null}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={props.onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" color="red.8">
            {t('reason.submit')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
