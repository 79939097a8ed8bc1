import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { isWrongProof } from '~/api/problem';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useWait } from '../session/countdown';
import { checkFilled, checkPassword, fieldErrors, PASSWORD } from '../session/fields';
import { NewPassword } from '../session/NewPassword';
import { Refusal } from '../session/Refusal';
import { isStaff, usePerson } from '../session/session';
import classes from './account.module.css';
import { keys } from './queries';

/** Another password. Whoever is signed in elsewhere is out then. */
export function PasswordSection() {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  const person = usePerson();
  const min = isStaff(person) ? PASSWORD.staff : PASSWORD.customer;
  const [typed, setTyped] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', password: '' },
    validate: {
      current: (value) => checkFilled(session, value),
      password: (value) => checkPassword(session, value, min),
    },
    onValuesChange: (values) => setTyped(values.password),
  });
  const change = useMutation({
    mutationFn: (values: typeof form.values) =>
      unwrap(
        control.POST('/api/v1/auth/password/change', {
          body: { current_password: values.current, new_password: values.password },
        }),
      ),
    onSuccess: () => {
      form.reset();
      setTyped('');
      void client.invalidateQueries({ queryKey: keys.sessions });
    },
    onError: (error) => {
      const { new_password: password, current_password: current } = fieldErrors(session, error);
      form.setErrors({ password, current: isWrongProof(error) ? t('password.wrong') : current });
    },
  });
  const wait = useWait(change.error);
  return (
    <Section id="password" title={t('password.title')}>
      <form
        className={classes.fields}
        noValidate
        onSubmit={form.onSubmit((values) => change.mutate(values))}
      >
        {!form.errors.password && !form.errors.current && <Refusal error={change.error} />}
        {/* Password managers put the new one where the old one was, when they know whose it is. */}
        <input
          type="hidden"
          name="username"
          autoComplete="username"
          value={person.email}
          readOnly
        />
        <PasswordInput
          label={t('password.current')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': session('show_password') }}
          key={form.key('current')}
          {...form.getInputProps('current')}
        />
        <NewPassword
          label={t('password.new')}
          typed={typed}
          known={[person.firstname, person.lastname, person.email.split('@')[0] ?? '']}
          min={min}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <div className={page.foot}>
          <Button type="submit" variant="default" loading={change.isPending} disabled={wait > 0}>
            {t('password.submit')}
          </Button>
          <span role="status" className={page.said}>
            {change.isSuccess && t('password.done')}
          </span>
        </div>
      </form>
    </Section>
  );
}
