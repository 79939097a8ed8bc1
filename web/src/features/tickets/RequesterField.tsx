import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { Customer } from '~/api/types';
import { fullName } from '~/ui/Initials';

const PAUSE = 200;

/** Somebody for whom tickets are. */
export type Somebody = Pick<Customer, 'id' | 'firstname' | 'lastname'> & { email?: string | null };

/** Whether it finds anybody, as the server has it: three letters or digits, or two that are not ASCII. */
function saysEnough(part: string): boolean {
  const letters = part.match(/[\p{L}\p{N}]/gu) ?? [];
  return letters.length >= 3 || letters.filter((letter) => letter > '\x7f').length >= 2;
}

/** Customers with this in name or address, the newest account first. */
function customersLike(q: string) {
  return queryOptions({
    queryKey: ['customers', q] as const,
    queryFn: async ({ signal }) => {
      const params = { query: { q } };
      const answer = await unwrap(app.GET('/api/v1/customers', { params, signal }));
      return answer.data;
    },
    enabled: saysEnough(q),
    gcTime: 60_000,
  });
}

/** One customer of all, found by a part of name or address. */
export function RequesterField(props: {
  label: string;
  description?: string;
  placeholder: string;
  size?: 'xs' | 'sm';
  value: Somebody | null;
  error?: string;
  onChange: (customer: Somebody | null) => void;
}) {
  const { t } = useTranslation('opening');
  const { value, error, onChange, ...look } = props;
  const [typed, setTyped] = useState(value ? nameOf(value) : '');
  const asked = value && typed === nameOf(value) ? '' : typed.trim();
  const [paused] = useDebouncedValue(asked, PAUSE);
  const found = useQuery({ ...customersLike(paused), placeholderData: keepPreviousData });
  const others = saysEnough(paused) ? (found.data ?? []) : [];
  const choices = [...(value ? [value] : []), ...others.filter(({ id }) => id !== value?.id)];
  const settled = saysEnough(asked) && paused === asked && found.isSuccess;
  return (
    <Select
      {...look}
      searchable
      clearable
      allowDeselect={false}
      autoComplete="off"
      // Within what it stands in: a popover would take a choice beside it for a way out.
      comboboxProps={{ withinPortal: false }}
      error={error ?? (found.isError && paused ? t('requester_failed') : undefined)}
      data={choices.map((one) => ({ value: String(one.id), label: nameOf(one) }))}
      // The server has said who fits.
      filter={({ options }) => options}
      nothingFoundMessage={settled ? t('requester_none') : undefined}
      value={value ? String(value.id) : null}
      searchValue={typed}
      // What is typed takes the place of the name that stands there.
      onFocus={(event) => event.currentTarget.select()}
      onClick={(event) => event.currentTarget.select()}
      onSearchChange={(words) => {
        setTyped(words);
        // The cross is there for the mouse alone.
        if (value && !words) onChange(null);
      }}
      onChange={(id) => onChange(choices.find((one) => String(one.id) === id) ?? null)}
    />
  );
}

/** Two of the same name have different addresses. */
function nameOf(one: Somebody): string {
  return one.email ? `${fullName(one)} (${one.email})` : fullName(one);
}
