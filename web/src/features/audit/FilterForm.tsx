import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type Ref, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Audit.module.css';
import { type Filters, isNumber, NO_FILTERS } from './filters';
import { WhoField } from './WhoField';

/** Narrows the log down. Nothing is asked for before the form is sent. */
export function FilterForm(props: {
  filters: Filters;
  onChange: (filters: Filters) => void;
  ref?: Ref<HTMLFormElement>;
}) {
  const { t } = useTranslation('audit');
  const [typed, setTyped] = useState(props.filters);
  const [byNumber, setByNumber] = useState(false);
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    setTyped(props.filters);
    setByNumber(false);
    setFault(undefined);
  }, [props.filters]);
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
    const isWrong = typed.user.trim() !== '' && !isNumber(typed.user);
    setFault(isWrong ? t('filter.number_wrong') : undefined);
    if (!isWrong) props.onChange({ ...typed, user: typed.user.trim() });
  }
  return (
    <form
      ref={props.ref}
      className={classes.filters}
      aria-label={t('filter.label')}
      noValidate
      onSubmit={submit}
    >
      <WhoField
        value={typed.user}
        onChange={(user) => setTyped((now) => ({ ...now, user }))}
        byNumber={byNumber}
        onByNumber={setByNumber}
        error={fault}
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
