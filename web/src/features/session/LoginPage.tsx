import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { site } from '~/app/site';
import page from '~/ui/page.module.css';
import { PasskeyLogin } from '../passkeys/PasskeyLogin';
import { Gate } from '../tenant/Gate';
import { useProvisioning } from '../tenant/status';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { checkEmail, checkFilled } from './fields';
import { askForMagicLink, methods, ssoAddress } from './methods';
import { broughtBack } from './next';
import { Refusal } from './Refusal';
import { SecondStep } from './SecondStep';
import { Sent } from './Sent';
import { signIn } from './session';
import { useWayIn, type WayIn } from './wayIn';

/** Sign-in at an organisation's helpdesk, for staff and customers alike. */
export function LoginPage() {
  return (
    <Gate admins>
      <Login />
    </Gate>
  );
}

function Login() {
  const search = useSearch({ from: '/login' });
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const [brought] = useState(() => broughtBack(hash));
  const way = useWayIn(search.next ?? brought.next, brought.due);
  useEffect(() => {
    // A token is for this page, not for the history of the browser.
    if (hash) void navigate({ to: '/login', search: (kept) => kept, hash: '', replace: true });
  }, [hash, navigate]);
  if (way.due) return <SecondStep due={way.due} way={way} />;
  return <LoginForm {...search} way={way} />;
}

function LoginForm(props: { next?: string; email?: string; sso_error?: string; way: WayIn }) {
  const { t } = useTranslation(['session', 'entry']);
  const { next, email, way } = props;
  const offered = useQuery(methods).data;
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
    onSuccess: way.come,
  });
  const link = useMutation({ mutationFn: askForMagicLink });
  const wait = useWait(login.error);
  if (link.isSuccess) return <Sent email={link.variables} kind="magic" />;
  function mailLink() {
    if (form.validateField('email').hasError) return;
    link.mutate(form.getValues().email.trim());
  }
  const slug = site.kind === 'tenant' ? site.slug : '';
  return (
    <DoorFrame title={t('sign_in.title')} subtitle={t('sign_in.subtitle', { slug })}>
      <form
        className={frame.form}
        noValidate
        onSubmit={form.onSubmit((typed) => login.mutate(typed))}
      >
        <DeletionHint slug={slug} />
        {props.sso_error && !login.error && <SsoFailed status={Number(props.sso_error)} />}
        <LoginRefusal error={login.error ?? link.error} />
        {offered?.sso && (
          <>
            <Button component="a" href={ssoAddress(next)} fullWidth variant="default">
              {t('sign_in.sso', { name: offered.sso.name })}
            </Button>
            <span className={frame.or}>{t('sign_in.or')}</span>
          </>
        )}
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username webauthn"
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
        <Button type="submit" fullWidth loading={login.isPending} disabled={wait > 0}>
          {t('sign_in.submit')}
        </Button>
        <Link to="/forgot" search={{ email: form.getValues().email || undefined }}>
          {t('entry:forgot.link')}
        </Link>
        {(offered?.passkey || offered?.magic_link) && (
          <span className={frame.or}>{t('sign_in.or')}</span>
        )}
        {offered?.passkey && <PasskeyLogin onDone={way.come} />}
        {offered?.magic_link && (
          <Button fullWidth variant="default" loading={link.isPending} onClick={mailLink}>
            {t('entry:magic.ask')}
          </Button>
        )}
      </form>
      <p className={frame.foot}>
        {t('sign_in.no_account')} <Link to="/register">{t('sign_in.register')}</Link>
      </p>
    </DoorFrame>
  );
}

/** Nobody else has to try. */
function DeletionHint({ slug }: { slug: string }) {
  const { t } = useTranslation(['session', 'entry']);
  if (useProvisioning(slug).data !== 'deleting') return null;
  return <div className={page.hint}>{t('deleting.admins')}</div>;
}

function LoginRefusal({ error }: { error: unknown }) {
  const { t } = useTranslation(['session', 'entry']);
  // Before there is a session, a 401 is about what was typed, not about a session that ended.
  const wrong = error instanceof ApiError && error.status === 401;
  // Only a customer comes here unverified, and only registering again sends them another link.
  const unverified = error instanceof ApiError && error.code === 'email_not_verified';
  return (
    <Refusal error={error} says={wrong ? t('sign_in.wrong') : null}>
      {unverified && (
        <p className={frame.more}>
          <Trans
            t={t}
            i18nKey="sign_in.no_mail"
            components={[<Link key="register" to="/register" />]}
          />
        </p>
      )}
    </Refusal>
  );
}

/** The organisation's own sign-in sent somebody back without a session. */
function SsoFailed({ status }: { status: number }) {
  const { t } = useTranslation(['session', 'entry']);
  const known = { 403: 'forbidden', 413: 'full', 429: 'busy' } as const;
  const why =
    known[status as keyof typeof known] ??
    (status >= 500 ? ('busy' as const) : ('failed' as const));
  return <Refusal error={new ApiError(status, 'sso', '', null)} says={t(`entry:sso.${why}`)} />;
}
