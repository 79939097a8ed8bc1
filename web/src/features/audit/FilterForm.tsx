import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fullName } from '~/ui/Initials';
import { memberList } from '../members/queries';
import classes from './Audit.module.css';
import { type Filters, NO_FILTERS } from './filters';

/** Narrows the log down. Nothing is asked for before the form is sent. */
export function FilterForm(props: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { t } = useTranslation('audit');
  const team = useInfiniteQuery(memberList('team'));
  const [typed, setTyped] = useState(props.filters);
  useEffect(() => setTyped(props.filters), [props.filters]);
  const members = team.data?.pages.flatMap((one) => one.data) ?? [];
  const field = (name: keyof Filters) => ({
    label: t(`filter.${name}`),
    size: 'xs' as const,
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((now) => ({ ...now, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onChange(typed);
  }
  return (
    <form className={classes.filters} aria-label={t('filter.label')} noValidate onSubmit={submit}>
      <NativeSelect
        {...field('user')}
        data={[
          { value: '', label: t('filter.anybody') },
          ...members.map((one) => ({ value: String(one.id), label: fullName(one) })),
        ]}
      />
      <TextInput {...field('action')} placeholder="UserInvited" autoComplete="off" />
      <TextInput {...field('resource')} placeholder="ticket:42" autoComplete="off" />
      <NativeSelect
        {...field('outcome')}
        data={(['', 'success', 'error'] as const).map((value) => ({
          value,
          label: t(`filter.outcome_${value || 'any'}`),
        }))}
      />
      <TextInput {...field('from')} type="date" />
      <TextInput {...field('to')} type="date" />
      <div className={classes.buttons}>
        <Button type="submit" size="xs">
          {t('filter.submit')}
        </Button>
        {props.filters !== NO_FILTERS && (
          <Button size="xs" variant="subtle" onClick={() => props.onChange(NO_FILTERS)}>
            {t('clear')}
          </Button>
        )}
      </div>
    </form>
  );
}
