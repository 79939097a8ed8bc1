import { useQueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOnceKey } from '~/api/useOnceKey';
import { messages } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { isPicture } from '../attachments/kind';
import type { Attachment } from '../attachments/types';
import { keys } from '../tickets/keys';
import { NoteField } from './NoteField';
import { judge, verdictKeys } from './queries';

/** Asks whether the content of a file is refused from now on, from everybody, and does so. */
export function RefuseDialog({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const { t } = useTranslation('moderation');
  const client = useQueryClient();
  const keyOf = useOnceKey();
  const [note, setNote] = useState('');
  const { original_name: name } = file;
  const saving = useSaving({
    save: (note: string) => {
      const body = { attachment_id: file.id, status: 'rejected' as const, ...(note && { note }) };
      return judge(body, keyOf(body));
    },
    lists: [verdictKeys],
    onSaved: () => {
      void tell(t('refuse.done', { name }));
      void client.invalidateQueries({ queryKey: keys.messages(file.ticket_id) });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('refuse.title', { name })}
      submit={t('refuse.submit')}
      final
      saving={saving}
      place="moderation"
      dirty={note !== ''}
      onSubmit={() => saving.submit(note.trim())}
      onClose={onClose}
    >
      <p className={page.text}>{t('refuse.text')}</p>
      <p className={page.text}>
        {isPicture(file) && `${t('refuse.picture')} `}
        {t('refuse.back')}
      </p>
      <NoteField value={note} error={saving.faults.note} onChange={setNote} />
    </FormDialog>
  );
}

/** Says that it is done: the file itself goes only a moment later. */
async function tell(message: string): Promise<void> {
  const { notifications } = await messages();
  notifications.show({
    message,
    withBorder: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  });
}
