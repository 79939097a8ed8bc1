import { Alert, Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, once, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import { useOnceKey } from '~/api/useOnceKey';
import { languageOf } from '~/i18n';
import { useExplain } from '~/ui/explain';
import frame from '../session/DoorFrame.module.css';
import { checkEmail, checkFilled, checkPassword, fieldErrors, PASSWORD } from '../session/fields';
import { NewPassword } from '../session/NewPassword';
import type { Organisation } from './OrganisationStep';
import classes from './signup.module.css';

export type Account = { firstname: string; lastname: string; email: string; password: string };

/** The first administrator; sending it starts the building of the helpdesk. */
export function AccountStep(props: {
  organisation: Organisation;
  initial: Account;
  /** What is in the fields now, so that a step back loses nothing. */
  onTyped: (account: Account) => void;
  onBack: () => void;
  onDone: (slug: string) => void;
  /** The address was taken meanwhile, or may not be had. */
  onRefused: (why: string) => void;
}) {
  const { t } = useTranslation('signup');
  const { t: common, i18n } = useTranslation();
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const [typed, setTyped] = useState(props.initial.password);
  const keyOf = useOnceKey();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: props.initial,
    validate: {
      firstname: (value) => checkFilled(session, value),
      lastname: (value) => checkFilled(session, value),
      email: (value) => checkEmail(session, value),
      password: (value) => checkPassword(session, value, PASSWORD.staff),
    },
    onValuesChange: (values) => {
      setTyped(values.password);
      props.onTyped(values);
    },
  });
  const signUp = useMutation({
    mutationFn: (person: typeof form.values) =>
      unwrap(
        door.POST('/api/v1/tenants', {
          body: { ...props.organisation, ...person, locale: languageOf([i18n.language]) },
          headers: once(keyOf(person)),
        }),
      ),
    onSuccess: (answer) => props.onDone(answer.tenant.slug),
    onError: (error) => {
      const { slug, ...fields } = fieldErrors(session, error);
      if (slug) props.onRefused(slug);
      else if (error instanceof ApiError && error.code === 'slug_taken')
        props.onRefused(t('taken'));
      else form.setErrors(fields);
    },
  });
  const { firstname, lastname, email } = form.getValues();
  return (
    <form
      className={frame.form}
      noValidate
      onSubmit={form.onSubmit((person) => signUp.mutate({ ...person, email: person.email.trim() }))}
    >
      <p className={classes.intro}>{t('account_intro')}</p>
      {signUp.isError && (
        <Alert color="red" variant="light" role="alert">
          {explain(signUp.error)}
        </Alert>
      )}
      <div className={frame.names}>
        <TextInput
          label={session('firstname')}
          autoComplete="given-name"
          autoFocus
          key={form.key('firstname')}
          {...form.getInputProps('firstname')}
        />
        <TextInput
          label={session('lastname')}
          autoComplete="family-name"
          key={form.key('lastname')}
          {...form.getInputProps('lastname')}
        />
      </div>
      <TextInput
        label={session('email')}
        type="email"
        autoComplete="email"
        key={form.key('email')}
        {...form.getInputProps('email')}
      />
      <NewPassword
        typed={typed}
        known={[firstname, lastname, email.split('@')[0] ?? '', props.organisation.slug]}
        min={PASSWORD.staff}
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
      <Group grow wrap="nowrap">
        <Button variant="default" onClick={props.onBack} disabled={signUp.isPending}>
          {common('back')}
        </Button>
        <Button type="submit" loading={signUp.isPending}>
          {t('submit')}
        </Button>
      </Group>
    </form>
  );
}
