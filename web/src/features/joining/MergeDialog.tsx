import { Alert, Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { ticketList } from '../tickets/queries';
import { useMerge } from './merging';

/** What a ticket can be merged into: whatever is not closed. */
const OPEN = 'open,in_progress,waiting_customer,resolved';
/** As many are offered; any other is named by its number. */
const OFFERED = 20;

/** Asks into which of the requester's tickets this one goes, and says what becomes of it. */
export function MergeDialog({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation('merging');
  const { t: common } = useTranslation();
  const explain = useExplain();
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const merge = useMerge(ticket);
  const list = useInfiniteQuery(ticketList({ user_id: ticket.user_id, status: OPEN }, OFFERED));
  const others = (list.data?.pages[0]?.data ?? []).filter(({ id }) => id !== ticket.id);
  const name = ticket.requester.firstname;
  const number = ticket.ticket_number;
  const into = typed.trim().toUpperCase() || chosen;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (into) merge.mutate(into, { onSuccess: onClose });
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('merge.title', { number })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <p style={{ margin: 0 }}>{t('merge.text', { number })}</p>
          {merge.isError && (
            <Alert color="red" variant="light" role="alert">
              {t('merge.failed', { number })} {explain(merge.error, 'merge')}
            </Alert>
          )}
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
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('cancel')}
            </Button>
            <Button type="submit" disabled={!into} loading={merge.isPending}>
              {into ? t('merge.submit', { number: into }) : t('merge.submit_none')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
