import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { Gate } from '../tenant/Gate';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkEmail, checkFilled, checkPassword, fieldErrors, PASSWORD } from './fields';
import { NewPassword } from './NewPassword';
import { Refusal } from './Refusal';
import { Sent } from './Sent';

/** A customer creates their own account at the portal. */
export function RegisterPage() {
  return (
    <Gate>
      <RegisterForm />
    </Gate>
  );
}

function RegisterForm() {
  const { t } = useTranslation(['session', 'entry']);
  const [typed, setTyped] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { firstname: '', lastname: '', email: '', password: '' },
    validate: {
      firstname: (value) => checkFilled(t, value),
      lastname: (value) => checkFilled(t, value),
      email: (value) => checkEmail(t, value),
      password: (value) => checkPassword(t, value, PASSWORD.customer),
    },
    onValuesChange: (values) => setTyped(values.password),
  });
  const register = useMutation({
    mutationFn: (body: typeof form.values) => unwrap(door.POST('/api/v1/auth/register', { body })),
    onError: (error) => form.setErrors(fieldErrors(t, error)),
  });
  if (register.isSuccess) return <Sent email={register.variables.email} kind="register" />;
  const { firstname, lastname, email } = form.getValues();
  return (
    <DoorFrame title={t('entry:register.title')} subtitle={t('entry:register.subtitle')}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((body) => register.mutate({ ...body, email: body.email.trim() }))}
      >
        <Refusal error={register.error} />
        <div className={frame.names}>
          <TextInput
            label={t('firstname')}
            autoComplete="given-name"
            key={form.key('firstname')}
            {...form.getInputProps('firstname')}
          />
          <TextInput
            label={t('lastname')}
            autoComplete="family-name"
            key={form.key('lastname')}
            {...form.getInputProps('lastname')}
          />
        </div>
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="email"
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <NewPassword
          typed={typed}
          known={[firstname, lastname, email.split('@')[0] ?? '']}
          min={PASSWORD.customer}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={register.isPending}>
          {t('entry:register.submit')}
        </Button>
      </form>
      <p className={frame.foot}>
        {t('entry:register.known')} <Link to="/login">{t('sign_in.submit')}</Link>
      </p>
    </DoorFrame>
  );
}
