import { ActionIcon, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import type { Message, Ticket } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { IconArrowsSplit } from '~/ui/icons';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { takeTicket } from '../tickets/cache';
import { useView } from '../tickets/useQueue';

/** Makes a ticket of what the customer wrote beside the matter. */
export function SplitMessage({ ticket, message }: { ticket: Ticket; message: Message }) {
  const { t } = useTranslation('merging');
  const [opened, setOpened] = useState(false);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t('split.open')}
        title={t('split.open')}
        onClick={() => setOpened(true)}
      >
        <IconArrowsSplit size={14} />
      </ActionIcon>
      {opened && <Dialog ticket={ticket} message={message} onClose={() => setOpened(false)} />}
    </>
  );
}

function Dialog(props: { ticket: Ticket; message: Message; onClose: () => void }) {
  const { t } = useTranslation('merging');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  const navigate = useNavigate();
  const view = useView();
  const keyOf = useOnceKey();
  const [typed, setTyped] = useState('');
  const { ticket, message } = props;
  const saving = useSaving({
    save: (body: { message_id: number; subject: string }) =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/split', {
          params: { path: { ticket: String(ticket.id) } },
          headers: once(keyOf(body)),
          body,
        }),
      ),
    lists: [],
    onSaved: (opened) => {
      takeTicket(client, opened, true);
      props.onClose();
      void navigate({
        to: '/tickets/$number',
        params: { number: opened.ticket_number },
        search: { view },
      });
    },
  });
  const subject = typed.trim();
  return (
    <FormDialog
      title={t('split.title')}
      submit={t('split.submit')}
      size="md"
      saving={saving}
      dirty={subject !== ''}
      onSubmit={() =>
        saving.submit(
          { message_id: message.id, subject },
          subject ? {} : { subject: session('required') },
        )
      }
      onClose={props.onClose}
    >
      <p style={{ margin: 0 }}>{t('split.text', { name: ticket.requester.firstname })}</p>
      <TextInput
        label={t('split.subject')}
        autoComplete="off"
        maxLength={255}
        data-autofocus
        value={typed}
        error={saving.faults.subject}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
