import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Trans, useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { site } from '~/app/site';
import { useExplain } from '~/ui/explain';
import { Gate } from '../tenant/Gate';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkEmail, checkFilled } from './fields';
import { signIn } from './session';

/** Sign-in at an organisation's helpdesk, for staff and customers alike. */
export function LoginPage() {
  return (
    <Gate>
      <LoginForm />
    </Gate>
  );
}

function LoginForm() {
  const { t } = useTranslation('session');
  const navigate = useNavigate();
  const { next, email } = useSearch({ from: '/login' });
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: email ?? '', password: '' },
    validate: {
      email: (value) => checkEmail(t, value),
      password: (value) => checkFilled(t, value),
    },
  });
  const login = useMutation({
    mutationFn: (typed: typeof form.values) => signIn(typed.email.trim(), typed.password),
    onSuccess: () => navigate({ to: next ?? '/', replace: true }),
  });
  const slug = site.kind === 'tenant' ? site.slug : '';
  return (
    <DoorFrame title={t('sign_in.title')} subtitle={t('sign_in.subtitle', { slug })}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((typed) => login.mutate(typed))}
      >
        {login.isError && <Refused error={login.error} />}
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          autoFocus={!email}
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('show_password') }}
          autoFocus={Boolean(email)}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={login.isPending}>
          {t('sign_in.submit')}
        </Button>
      </form>
      <p className={frame.foot}>
        {t('sign_in.no_account')} <Link to="/register">{t('sign_in.register')}</Link>
      </p>
    </DoorFrame>
  );
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation('session');
  const explain = useExplain();
  // Before there is a session, a 401 is about what was typed, not about a session that ended.
  const wrong = error instanceof ApiError && error.status === 401;
  // Only a customer comes here unverified, and only registering again sends them another link.
  const unverified = error instanceof ApiError && error.code === 'email_not_verified';
  return (
    <Alert color="red" variant="light" role="alert">
      {wrong ? t('sign_in.wrong') : explain(error)}
      {unverified && (
        <p className={frame.more}>
          <Trans
            t={t}
            i18nKey="sign_in.no_mail"
            components={[<Link key="register" to="/register" />]}
          />
        </p>
      )}
    </Alert>
  );
}
