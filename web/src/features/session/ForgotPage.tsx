import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { Gate } from '../tenant/Gate';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkEmail, fieldErrors } from './fields';
import { Refusal } from './Refusal';
import { Sent } from './Sent';

/** Asks for a link to choose a new password. */
export function ForgotPage() {
  return (
    <Gate>
      <Forgot />
    </Gate>
  );
}

function Forgot() {
  const { t } = useTranslation(['session', 'entry']);
  const { email } = useSearch({ from: '/forgot' });
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: email ?? '' },
    validate: { email: (value) => checkEmail(t, value) },
  });
  const ask = useMutation({
    mutationFn: (address: string) =>
      unwrap(door.POST('/api/v1/auth/password/forgot', { body: { email: address } })),
    onError: (error) => form.setErrors(fieldErrors(t, error)),
  });
  const wait = useWait(ask.error);
  if (ask.isSuccess) return <Sent email={ask.variables} kind="forgot" />;
  return (
    <DoorFrame title={t('entry:forgot.title')} subtitle={t('entry:forgot.text')}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((typed) => ask.mutate(typed.email.trim()))}
      >
        <Refusal error={ask.error} />
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          autoFocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Button type="submit" fullWidth loading={ask.isPending} disabled={wait > 0}>
          {t('entry:forgot.submit')}
        </Button>
      </form>
      <p className={frame.foot}>
        <Link to="/login">{t('to_sign_in')}</Link>
      </p>
    </DoorFrame>
  );
}
