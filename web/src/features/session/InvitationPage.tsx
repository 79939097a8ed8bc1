import { Alert, Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import { site } from '~/app/site';
import { useExplain } from '~/ui/explain';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkFilled, checkPassword, fieldErrors, PASSWORD } from './fields';
import { NewPassword } from './NewPassword';
import { welcome } from './session';

/** Where the link of an invitation leads: name and password, and one is a member. */
export function InvitationPage() {
  const { t } = useTranslation('session');
  const explain = useExplain();
  const navigate = useNavigate();
  const { token } = useSearch({ from: '/invitation' });
  const [typed, setTyped] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { firstname: '', lastname: '', password: '' },
    validate: {
      firstname: (value) => checkFilled(t, value),
      lastname: (value) => checkFilled(t, value),
      password: (value) => checkPassword(t, value, PASSWORD.staff),
    },
    onValuesChange: (values) => setTyped(values.password),
  });
  const accept = useMutation({
    mutationFn: (body: typeof form.values) =>
      unwrap(
        door.POST('/api/v1/auth/invitations/accept', {
          body: { ...body, token, client: 'browser' },
        }),
      ),
    onSuccess: async (login) => {
      welcome(login);
      await navigate({ to: '/', replace: true });
    },
    onError: (error) => form.setErrors(fieldErrors(t, error)),
  });
  if (isSpent(accept.error) || !token) {
    return (
      <DoorFrame title={t('invitation.failed_title')} subtitle={t('invitation.failed_text')} />
    );
  }
  const slug = site.kind === 'tenant' ? site.slug : '';
  const { firstname, lastname } = form.getValues();
  return (
    <DoorFrame title={t('invitation.title')} subtitle={t('invitation.subtitle', { slug })}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((body) => accept.mutate(body))}
      >
        {accept.isError && (
          <Alert color="red" variant="light" role="alert">
            {isOldPassword(accept.error) ? t('invitation.known') : explain(accept.error)}
          </Alert>
        )}
        <div className={frame.names}>
          <TextInput
            label={t('firstname')}
            autoComplete="given-name"
            autoFocus
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
        <NewPassword
          typed={typed}
          known={[firstname, lastname]}
          min={PASSWORD.staff}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={accept.isPending}>
          {t('invitation.submit')}
        </Button>
      </form>
    </DoorFrame>
  );
}

/** Whoever has an account elsewhere joins with that account's password. */
function isOldPassword(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Whether the refusal is about the link itself, so that typing anything else is in vain. */
function isSpent(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 404 || error.status === 410) return true;
  return error.fields.some(({ field }) => field === 'token');
}
