import { Radio, Stack, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { FormDialog } from '../arrange/FormDialog';
import { ticketList } from '../tickets/queries';
import { useMerge } from './merging';

/** What a ticket can be merged into: whatever is not closed. */
const OPEN = 'open,in_progress,waiting_customer,resolved';
/** As many are offered; any other is named by its number. */
const OFFERED = 20;

/** Asks into which of the requester's tickets this one goes, and says what becomes of it. */
export function MergeDialog({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation('merging');
  const { t: session } = useTranslation('session');
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const merge = useMerge(ticket);
  const list = useInfiniteQuery(ticketList({ user_id: ticket.user_id, status: OPEN }, OFFERED));
  const others = (list.data?.pages[0]?.data ?? []).filter(({ id }) => id !== ticket.id);
  const name = ticket.requester.firstname;
  const number = ticket.ticket_number;
  const into = typed.trim().toUpperCase() || chosen;

  function submit() {
    setTried(true);
    if (into) merge.mutate(into, { onSuccess: onClose });
  }
  return (
    <FormDialog
      title={t('merge.title', { number })}
      submit={into ? t('merge.submit', { number: into }) : t('merge.submit_none')}
      size="md"
      saving={{ pending: merge.isPending, error: merge.error, faults: {} }}
      place="merge"
      dirty={typed.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <p style={{ margin: 0 }}>{t('merge.text', { number })}</p>
      {list.isError && <p role="alert">{t('merge.error')}</p>}
      {list.isSuccess && others.length === 0 && <p>{t('merge.none', { name })}</p>}
      {others.length > 0 && (
        <Radio.Group
          label={t('merge.others', { name })}
          value={typed.trim() ? null : chosen}
          onChange={(value) => {
            setChosen(value);
            setTyped('');
          }}
        >
          <Stack gap={8} mt={8}>
            {others.map((other) => (
              <Radio
                key={other.id}
                value={other.ticket_number}
                label={`${other.ticket_number} · ${other.subject}`}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <TextInput
        label={t('merge.number')}
        placeholder="TKT-…"
        autoComplete="off"
        spellCheck={false}
        maxLength={20}
        value={typed}
        error={tried && !into ? session('required') : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
