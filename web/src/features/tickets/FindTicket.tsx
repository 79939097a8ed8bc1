import { Combobox, Kbd, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { Hit } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { IconSearch } from '~/ui/icons';
import { useCommand } from '../console/commands';
import classes from './FindTicket.module.css';
import { pieces } from './marked';
import { ticketByNumber, ticketSearch } from './queries';
import { useQueueSearch } from './useQueue';

/** For so long nobody has typed when the server is asked. */
const PAUSE = 200;
/** Stands for all that the words find, in the list. */
const ALL = 'all';

/** Finds tickets by words while one types; a whole number leads straight to its ticket. */
export function FindTicket() {
  const { t } = useTranslation(['tickets', 'desk']);
  const explain = useExplainSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useQueueSearch();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [paused] = useDebouncedValue(typed.trim(), PAUSE);
  const box = useCombobox();
  useCommand('find', () => field.current?.focus());
  const hits = useQuery({
    ...ticketSearch(paused),
    enabled: paused.length > 1,
    placeholderData: keepPreviousData,
  });
  function leave() {
    setTyped('');
    box.closeDropdown();
    field.current?.blur();
  }
  const go = async (number: string) => {
    leave();
    await navigate({ to: '/tickets/$number', params: { number }, search });
  };
  const showAll = () => {
    leave();
    void navigate({ to: '/', search: { view: 'all', q: paused } });
  };
  const find = useMutation({
    mutationFn: (number: string) => client.fetchQuery({ ...ticketByNumber(number), retry: false }),
    onSuccess: (ticket) => go(ticket.ticket_number),
  });
  const found = paused.length > 1 ? (hits.data?.data ?? []) : [];
  function submit(event: FormEvent) {
    event.preventDefault();
    const first = found[0];
    if (isNumber(typed)) find.mutate(numberOf(typed));
    else if (first && paused === typed.trim() && !hits.isPlaceholderData)
      void go(first.ticket.ticket_number);
  }
  const missing = find.error instanceof ApiError && [404, 422].includes(find.error.status);
  const failure = find.error ?? (paused.length > 1 && paused === typed.trim() ? hits.error : null);
  return (
    <search>
      <form onSubmit={submit}>
        <Combobox
          store={box}
          shadow="md"
          onOptionSubmit={(value) => {
            if (value === ALL) showAll();
            const hit = found.find((one) => idOf(one) === value);
            if (hit) void go(hit.ticket.ticket_number);
          }}
        >
          <Combobox.Target>
            <TextInput
              ref={field}
              size="xs"
              aria-label={t('list.find')}
              placeholder={`${t('list.find')} (${t('list.find_hint')})`}
              leftSection={<IconSearch size={14} />}
              rightSection={<Kbd size="xs">/</Kbd>}
              autoComplete="off"
              spellCheck={false}
              maxLength={500}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                find.reset();
                box.openDropdown();
              }}
              onFocus={() => box.openDropdown()}
              onBlur={() => box.closeDropdown()}
              onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
              error={
                missing
                  ? t('list.find_none', { number: find.variables })
                  : failure
                    ? explain(failure)
                    : null
              }
            />
          </Combobox.Target>
          <Combobox.Dropdown hidden={paused.length < 2 || !hits.data}>
            <Combobox.Options mah={420} className={classes.hits} aria-label={t('list.found')}>
              {found.map((hit) => (
                <Combobox.Option key={idOf(hit)} value={idOf(hit)}>
                  <Found hit={hit} />
                </Combobox.Option>
              ))}
              {found.length === 0 && <Combobox.Empty>{t('list.found_none')}</Combobox.Empty>}
              {found.length > 0 && (
                <Combobox.Option value={ALL}>
                  {t('desk:find.all', { words: paused })}
                </Combobox.Option>
              )}
            </Combobox.Options>
            <Combobox.Footer className={classes.note}>{t('desk:find.hint')}</Combobox.Footer>
          </Combobox.Dropdown>
        </Combobox>
      </form>
    </search>
  );
}

/** What was found: which ticket, and where the words stand. */
function Found({ hit }: { hit: Hit }) {
  const { t } = useTranslation('tickets');
  const html = (field: string) => hit.highlights.find((one) => one.field === field)?.html;
  const around = html('message') ?? html('description') ?? html('tags');
  const subject = html('subject');
  return (
    <div className={classes.hit}>
      <span className={classes.number}>{hit.ticket.ticket_number}</span>
      <span className={classes.subject}>
        {subject ? <Marked html={subject} /> : hit.ticket.subject}
      </span>
      {hit.is_internal && <span className={classes.note}>{t('list.found_note')}</span>}
      {around && (
        <span className={classes.around}>
          <Marked html={around} />
        </span>
      )}
    </div>
  );
}

/** The server's marks, drawn from text: no HTML is put into the page. */
function Marked({ html }: { html: string }) {
  return pieces(html).map(({ text, marked, at }) =>
    marked ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>,
  );
}

function idOf(hit: Hit): string {
  return `${hit.ticket.id}/${hit.message_id ?? 0}`;
}

/** Says what of a search the server could not take; anything else as everywhere. */
function useExplainSearch(): (error: unknown) => string {
  const { t, i18n } = useTranslation('desk');
  const explain = useExplain();
  return (error) => {
    const wrong = error instanceof ApiError ? error.fields[0] : undefined;
    const key = `find.wrong.${wrong?.code}`;
    if (wrong && i18n.exists(key, { ns: 'desk' })) return t(key as 'find.wrong.invalid');
    return explain(error);
  };
}

/**
 * Whether it is a whole number that was typed, not words. The letters of numbers are none that one
 * takes for another; without a digit among them they may be a word, and the search finds both.
 */
export function isNumber(typed: string): boolean {
  return /^#?(tkt-?|(?=.*\d))[2-9a-hj-kmnp-tv-z]{8}$/i.test(typed.trim());
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
