import { Kbd, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import { IconSearch } from '~/ui/icons';
import { useCommand } from '../console/commands';
import { ticketByNumber } from './queries';
import { useView } from './useView';

/** Goes straight to a ticket whose number somebody has: from a mail, a phone call, a colleague. */
export function FindTicket() {
  const { t } = useTranslation('tickets');
  const explain = useExplain();
  const client = useQueryClient();
  const navigate = useNavigate();
  const view = useView();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  useCommand('find', () => field.current?.focus());
  const find = useMutation({
    mutationFn: (number: string) => client.fetchQuery({ ...ticketByNumber(number), retry: false }),
    onSuccess: async (ticket) => {
      setTyped('');
      field.current?.blur();
      await navigate({
        to: '/tickets/$number',
        params: { number: ticket.ticket_number },
        search: { view },
      });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const number = numberOf(typed);
    if (number) find.mutate(number);
  }
  const missing = find.error instanceof ApiError && [404, 422].includes(find.error.status);
  return (
    <search>
      <form onSubmit={submit}>
        <TextInput
          ref={field}
          size="xs"
          aria-label={t('list.find')}
          placeholder={`${t('list.find')} (${t('list.find_hint')})`}
          leftSection={<IconSearch size={14} />}
          rightSection={<Kbd size="xs">/</Kbd>}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            find.reset();
          }}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          error={
            missing
              ? t('list.find_none', { number: find.variables })
              : find.isError
                ? explain(find.error)
                : null
          }
        />
      </form>
    </search>
  );
}

/** "tkt-4f2k", "4F2K" and "#4f2k" are all the same number. */
export function numberOf(typed: string): string {
  const bare = typed
    .trim()
    .toUpperCase()
    .replace(/^#/, '')
    .replace(/^TKT-?/, '');
  return bare ? `TKT-${bare}` : '';
}
