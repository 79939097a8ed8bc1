import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { ApiError, isOverQuota } from '~/api/problem';
import type { LoginAnswer } from '~/api/types';
import { site } from '~/app/site';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkFilled, checkPassword, fieldErrors, PASSWORD } from './fields';
import { isDeadLink, isToken } from './links';
import { NewPassword } from './NewPassword';
import { Refusal } from './Refusal';
import { SecondStep } from './SecondStep';
import { useWayIn } from './wayIn';

/** Where the link of an invitation leads: name and password, and one is a member. */
export function InvitationPage() {
  const { t } = useTranslation(['session', 'entry']);
  const way = useWayIn();
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
    mutationFn: async (body: typeof form.values): Promise<LoginAnswer> =>
      unwrap(
        door.POST('/api/v1/auth/invitations/accept', {
          body: { ...body, token, client: 'browser' },
        }),
      ),
    onSuccess: way.come,
    onError: (error) => form.setErrors(fieldErrors(t, error)),
  });
  if (way.due) return <SecondStep due={way.due} way={way} />;
  if (!isToken(token) || isDeadLink(accept.error)) {
    return (
      <DoorFrame
        title={t('entry:invitation.failed_title')}
        subtitle={t('entry:invitation.failed_text')}
      />
    );
  }
  const slug = site.kind === 'tenant' ? site.slug : '';
  const { firstname, lastname } = form.getValues();
  return (
    <DoorFrame
      title={t('entry:invitation.title')}
      subtitle={t('entry:invitation.subtitle', { slug })}
    >
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((body) => accept.mutate(body))}
      >
        <Refusal
          error={accept.error}
          says={
            isOldPassword(accept.error)
              ? t('entry:invitation.known')
              : isOverQuota(accept.error)
                ? t('entry:invitation.full')
                : null
          }
        />
        {isOldPassword(accept.error) && (
          <Link to="/forgot" search={{ email: undefined }}>
            {t('entry:forgot.link')}
          </Link>
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
          {t('entry:invitation.submit')}
        </Button>
      </form>
    </DoorFrame>
  );
}

/** Whoever has an account elsewhere joins with that account's password. */
function isOldPassword(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
