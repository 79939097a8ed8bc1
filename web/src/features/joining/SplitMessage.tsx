import { ActionIcon, Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import type { Message, Ticket } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { useExplain } from '~/ui/explain';
import { IconArrowsSplit } from '~/ui/icons';
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
  const { t: common } = useTranslation();
  const explain = useExplain();
  const client = useQueryClient();
  const navigate = useNavigate();
  const view = useView();
  const keyOf = useOnceKey();
  const [subject, setSubject] = useState('');
  const { ticket, message } = props;
  const split = useMutation({
    mutationFn: (body: { message_id: number; subject: string }) =>
      unwrap(
        app.POST('/api/v1/tickets/{ticket}/split', {
          params: { path: { ticket: String(ticket.id) } },
          headers: once(keyOf(body)),
          body,
        }),
      ),
    onSuccess: async (opened) => {
      takeTicket(client, opened, true);
      props.onClose();
      await navigate({
        to: '/tickets/$number',
        params: { number: opened.ticket_number },
        search: { view },
      });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (subject.trim()) split.mutate({ message_id: message.id, subject: subject.trim() });
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('split.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <p style={{ margin: 0 }}>{t('split.text', { name: ticket.requester.firstname })}</p>
          {split.isError && (
            <Alert color="red" variant="light" role="alert">
              {t('split.failed')} {explain(split.error)}
            </Alert>
          )}
          <TextInput
            label={t('split.subject')}
            autoComplete="off"
            maxLength={255}
            data-autofocus
            value={subject}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {common('cancel')}
            </Button>
            <Button type="submit" disabled={!subject.trim()} loading={split.isPending}>
              {t('split.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
