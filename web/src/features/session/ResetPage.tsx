import { Button } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkPassword, fieldErrors, PASSWORD } from './fields';
import { DeadLink, isDeadLink, isToken } from './links';
import { NewPassword } from './NewPassword';
import { Refusal } from './Refusal';

/** Where the link of a forgotten password leads: a new one, and all sessions have ended. */
export function ResetPage() {
  const { t } = useTranslation(['session', 'entry']);
  const { token } = useSearch({ from: '/reset' });
  const [typed, setTyped] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '' },
    // Whose link it is only the server knows; staff need more, and it says so.
    validate: { password: (value) => checkPassword(t, value, PASSWORD.customer) },
    onValuesChange: (values) => setTyped(values.password),
  });
  const reset = useMutation({
    mutationFn: (password: string) =>
      unwrap(door.POST('/api/v1/auth/password/reset', { body: { token, password } })),
    onError: (error) => form.setErrors(fieldErrors(t, error)),
  });
  const wait = useWait(reset.error);
  if (!isToken(token) || isDeadLink(reset.error)) {
    return (
      <DeadLink text={t('entry:forgot.failed_text')}>
        <Button component={Link} to="/forgot" fullWidth>
          {t('entry:forgot.again')}
        </Button>
      </DeadLink>
    );
  }
  if (reset.isSuccess) {
    return (
      <DoorFrame title={t('entry:reset.done_title')} subtitle={t('entry:reset.done_text')}>
        <Button component={Link} to="/login" fullWidth mt={24}>
          {t('to_sign_in')}
        </Button>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title={t('entry:reset.title')} subtitle={t('entry:reset.text')}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit(({ password }) => reset.mutate(password))}
      >
        {Object.keys(form.errors).length === 0 && <Refusal error={reset.error} />}
        <NewPassword
          label={t('entry:reset.password')}
          typed={typed}
          known={[]}
          min={PASSWORD.customer}
          autoFocus
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={reset.isPending} disabled={wait > 0}>
          {t('entry:reset.submit')}
        </Button>
      </form>
    </DoorFrame>
  );
}
