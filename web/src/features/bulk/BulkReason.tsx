import { Button, Group, Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Change } from './useBulk';

/** Asks why tickets are closed, which is final: those that were never worked on need a reason. */
export function BulkReason(props: {
  count: number;
  onChange: (change: Change) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(['desk', 'tickets']);
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!reason.trim()) return;
    props.onChange({ action: 'status', status: 'closed', reason: reason.trim() });
    props.onClose();
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('bulk.close_title', { count: props.count })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        <Textarea
          label={t('tickets:reason.label')}
          description={t('bulk.close_text')}
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
            {t('bulk.close_submit', { count: props.count })}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
