import { Alert, Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { ApiError, isPassing } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { isDeadLink } from './links';
import { VerifyFailed } from './VerifyFailed';

/**
 * Where the link of the confirmation mail leads. Nothing is sent before somebody presses the button:
 * programs that look for viruses open links too, and the token is good for one use.
 */
export function VerifyPage() {
  const { t } = useTranslation(['session', 'entry']);
  const { t: common } = useTranslation();
  const { token } = useSearch({ from: '/verify' });
  const [asksPassword, setAsksPassword] = useState(false);
  const verify = useMutation({
    mutationFn: (proof: { password?: string }) =>
      unwrap(door.POST('/api/v1/auth/email/verify', { body: { token, ...proof } })),
    onError: (error) => {
      if (asksForPassword(error)) setAsksPassword(true);
    },
  });
  if (!token || isDeadLink(verify.error)) return <VerifyFailed cut={!token} />;
  if (verify.isSuccess) {
    return (
      <DoorFrame title={t('entry:verify.done_title')} subtitle={t('entry:verify.done_text')}>
        <Button component={Link} to="/" fullWidth mt={24}>
          {common('continue')}
        </Button>
      </DoorFrame>
    );
  }
  const form = {
    error: asksForPassword(verify.error) ? null : verify.error,
    pending: verify.isPending,
    onSubmit: verify.mutate,
  };
  return asksPassword ? <WithPassword {...form} /> : <Plain {...form} />;
}

type Form = {
  error: Error | null;
  pending: boolean;
  onSubmit: (proof: { password?: string }) => void;
};

function Plain({ error, pending, onSubmit }: Form) {
  const { t } = useTranslation(['session', 'entry']);
  return (
    <DoorFrame
      title={t('entry:verify.title')}
      subtitle={t('entry:verify.text', { address: window.location.host })}
    >
      <div className={frame.form}>
        <Refused error={error} />
        <Button fullWidth autoFocus loading={pending} onClick={() => onSubmit({})}>
          {t('entry:verify.submit')}
        </Button>
      </div>
    </DoorFrame>
  );
}

/** The address alone does not prove who asked for the link; the password that came with it does. */
function WithPassword({ error, pending, onSubmit }: Form) {
  const { t } = useTranslation(['session', 'entry']);
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (error) field.current?.select();
  }, [error]);
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (password) onSubmit({ password });
  }
  return (
    <DoorFrame title={t('entry:verify.password_title')} subtitle={t('entry:verify.password_text')}>
      <form className={frame.form} noValidate onSubmit={submit}>
        <Refused error={error} />
        <PasswordInput
          ref={field}
          label={t('password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('show_password') }}
          autoFocus
          value={password}
          error={tried && !password ? t('required') : null}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" fullWidth loading={pending}>
          {t('entry:verify.submit')}
        </Button>
      </form>
    </DoorFrame>
  );
}

function Refused({ error }: { error: Error | null }) {
  const { t } = useTranslation(['session', 'entry']);
  const explain = useExplain();
  if (!error) return null;
  const wrong = error instanceof ApiError && error.status === 401;
  return (
    <Alert color="red" variant="light" role="alert">
      {wrong ? t('entry:verify.wrong_password') : explain(error)}
      {isPassing(error) && ` ${t('entry:verify.still_good')}`}
    </Alert>
  );
}

function asksForPassword(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'password_required';
}
