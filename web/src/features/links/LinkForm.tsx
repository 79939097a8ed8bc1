import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, once, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { Ticket, TicketLink } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { numberOf } from '../tickets/FindTicket';
import { ticketByNumber } from '../tickets/queries';

const RELATIONS: TicketLink['relation'][] = ['related', 'parent', 'child'];

/** Links a ticket with another one, by its number. */
export function LinkForm({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  const keyOf = useOnceKey();
  const [number, setNumber] = useState('');
  const [relation, setRelation] = useState<TicketLink['relation']>('related');
  const saving = useSaving({
    save: async (relation: TicketLink['relation']) => {
      const other = await client.fetchQuery({ ...ticketByNumber(numberOf(number)), retry: false });
      const body = { to: other.id, relation };
      return unwrap(
        app.POST('/api/v1/tickets/{ticket}/links', {
          params: { path: { ticket: String(ticket.id) } },
          headers: once(keyOf(body)),
          body,
        }),
      );
    },
    lists: [['tickets', 'links']],
    onSaved: onClose,
  });
  const missing = saving.error instanceof ApiError && saving.error.status === 404;
  const fault = saving.faults.to ?? (missing ? t('links.missing') : undefined);
  function submit() {
    saving.submit(relation, number.trim() ? {} : { to: session('required') });
  }
  return (
    <FormDialog
      title={t('links.title', { number: ticket.ticket_number })}
      submit={t('links.submit')}
      size="md"
      saving={{ ...saving, faults: fault ? { to: fault } : {} }}
      place="link"
      dirty={number.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <NativeSelect
        label={t('links.relation')}
        value={relation}
        onChange={(event) => setRelation(event.currentTarget.value as TicketLink['relation'])}
        data={RELATIONS.map((value) => ({ value, label: t(`links.${value}`) }))}
      />
      <TextInput
        label={t('links.number')}
        placeholder="TKT-…"
        autoComplete="off"
        data-autofocus
        value={number}
        error={fault}
        onChange={(event) => setNumber(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
