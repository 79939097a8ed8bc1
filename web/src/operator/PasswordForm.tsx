import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useWait } from '~/features/session/countdown';
import { checkEmail, checkFilled } from '~/features/session/fields';
import { Refusal } from '~/features/session/Refusal';
import page from '~/ui/page.module.css';
import { checkPassword, type Due } from './session';

/** The first factor. An `email` that is given is not asked for: it is the same person once more. */
export function PasswordForm({ email, onDue }: { email?: string; onDue: (due: Due) => void }) {
  const { t } = useTranslation('session');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: email ?? '', password: '' },
    validate: {
      email: (value) => checkEmail(t, value),
      password: (value) => checkFilled(t, value),
    },
  });
  const login = useMutation({
    mutationFn: (typed: typeof form.values) => checkPassword(typed.email.trim(), typed.password),
    onSuccess: onDue,
  });
  const wait = useWait(login.error);
  // Here a 401 is about what was typed, not about a session that ended.
  const wrong = login.error instanceof ApiError && login.error.status === 401;
  return (
    <form className={page.form} noValidate onSubmit={form.onSubmit((typed) => login.mutate(typed))}>
      <Refusal error={login.error} says={wrong ? t('sign_in.wrong') : null} />
      <TextInput
        label={t('email')}
        type="email"
        autoComplete="username"
        autoFocus={!email}
        readOnly={Boolean(email)}
        key={form.key('email')}
        {...form.getInputProps('email')}
      />
      <PasswordInput
        label={t('password')}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': t('show_password') }}
        data-autofocus={email ? true : undefined}
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
      <Button type="submit" fullWidth loading={login.isPending} disabled={wait > 0}>
        {t('sign_in.submit')}
      </Button>
    </form>
  );
}
