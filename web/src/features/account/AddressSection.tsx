import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { isWrongProof } from '~/api/problem';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useWait } from '../session/countdown';
import { checkEmail, checkFilled, fieldErrors } from '../session/fields';
import { me } from '../session/me';
import { Refusal } from '../session/Refusal';
import { usePerson } from '../session/session';
import classes from './account.module.css';

/** Another address. It counts when its owner has opened the link that goes there. */
export function AddressSection() {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation('session');
  const person = usePerson();
  const email = useQuery(me).data?.email ?? person.email;
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => checkEmail(session, value),
      password: (value) => checkFilled(session, value),
    },
  });
  const change = useMutation({
    mutationFn: (body: typeof form.values) =>
      unwrap(control.POST('/api/v1/auth/email/change', { body })),
    onSuccess: () => form.reset(),
    onError: (error) => {
      const found = fieldErrors(session, error);
      form.setErrors(isWrongProof(error) ? { password: t('password.wrong') } : found);
    },
  });
  const wait = useWait(change.error);
  return (
    <Section id="address" title={t('address.title')} text={t('address.text', { email })}>
      <form
        className={classes.fields}
        noValidate
        onSubmit={form.onSubmit((typed) => change.mutate({ ...typed, email: typed.email.trim() }))}
      >
        {Object.keys(form.errors).length === 0 && <Refusal error={change.error} />}
        <TextInput
          label={t('address.new')}
          type="email"
          autoComplete="off"
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('password.current')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': session('show_password') }}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <div className={page.foot}>
          <Button type="submit" variant="default" loading={change.isPending} disabled={wait > 0}>
            {t('address.submit')}
          </Button>
          <span role="status" className={page.said}>
            {change.isSuccess && t('address.sent', { email: change.variables.email })}
          </span>
        </div>
      </form>
    </Section>
  );
}
