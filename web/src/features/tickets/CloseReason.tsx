import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../arrange/FormDialog';

/** Asks why something is closed that may never have been worked on: it is final, so it is asked. */
export function CloseReason(props: {
  title: string;
  text: string;
  submit: string;
  onReason: (reason: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('desk');
  const { t: session } = useTranslation('session');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  function submit() {
    setTried(true);
    if (!reason.trim()) return;
    props.onReason(reason.trim());
    props.onClose();
  }
  return (
    <FormDialog
      title={props.title}
      submit={props.submit}
      final
      dirty={reason.trim() !== ''}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <Textarea
        label={t('reason.label')}
        description={props.text}
        autosize
        minRows={2}
        maxLength={1000}
        data-autofocus
        value={reason}
        error={tried && !reason.trim() ? session('required') : null}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
