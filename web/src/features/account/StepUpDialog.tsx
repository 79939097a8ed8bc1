import { Button, Loader, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { isWrongProof } from '~/api/problem';
import { ErrorState } from '~/ui/ErrorState';
import { IconFingerprint } from '~/ui/icons';
import { hasPasskeys, showPasskey } from '../passkeys/webauthn';
import { usePasskeyWords } from '../passkeys/words';
import { CodeInput } from '../session/CodeInput';
import { useWait } from '../session/countdown';
import { CODE_LENGTH } from '../session/digits';
import { Refusal } from '../session/Refusal';
import { answerProof } from '../session/stepUp';
import classes from './account.module.css';
import { secondFactor } from './queries';

type Way = 'code' | 'recovery_code' | 'password';

/** Asks for what the person has: a code or a passkey, else the password. */
export function StepUpDialog() {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const known = useQuery({ ...secondFactor, staleTime: 0 });
  return (
    <Modal
      opened
      // Above whatever dialog the refused request came from.
      zIndex={400}
      onClose={() => answerProof(false)}
      title={t('step_up.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {known.data ? (
        <Proof totp={known.data.totp} passkey={known.data.passkeys > 0 && hasPasskeys()} />
      ) : known.isError ? (
        <ErrorState
          title={t('step_up.error')}
          error={known.error}
          onRetry={() => void known.refetch()}
        />
      ) : (
        <Loader size="sm" aria-label={t('step_up.title')} />
      )}
    </Modal>
  );
}

function Proof({ totp, passkey }: { totp: boolean; passkey: boolean }) {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation(['session', 'second']);
  const words = usePasskeyWords();
  const first: Way = totp ? 'code' : passkey ? 'recovery_code' : 'password';
  const [way, setWay] = useState<Way>(first);
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const prove = useMutation({
    mutationFn: (proof: { [W in Way]?: string } | 'passkey') =>
      proof === 'passkey'
        ? proveByPasskey()
        : unwrap(control.POST('/api/v1/auth/step-up', { body: proof })),
    onSuccess: () => answerProof(true),
    onError: () => {
      setTyped('');
      setTimeout(() => field.current?.focus());
    },
  });
  const wait = useWait(prove.error);
  const wrong = !isWrongProof(prove.error)
    ? words(prove.error)
    : prove.variables === 'passkey'
      ? session('passkey.unknown')
      : t(`step_up.wrong_${way}`);
  const busy = prove.isPending || prove.isSuccess;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (typed.trim()) prove.mutate({ [way]: way === 'password' ? typed : typed.trim() });
  }
  const text = {
    ref: field,
    value: typed,
    'data-autofocus': true,
    onChange: (event: { currentTarget: { value: string } }) => setTyped(event.currentTarget.value),
  };
  return (
    <form className={classes.fields} noValidate onSubmit={submit}>
      <p className={classes.lead}>{t('step_up.text')}</p>
      <Refusal error={prove.error} says={wrong} />
      {passkey && (
        <Button
          variant={totp ? 'default' : 'filled'}
          disabled={busy || wait > 0}
          leftSection={<IconFingerprint size={18} aria-hidden="true" />}
          onClick={() => prove.mutate('passkey')}
        >
          {session('second:passkey')}
        </Button>
      )}
      {way === 'code' && (
        <CodeInput
          ref={field}
          label={session('second:code')}
          autoFocus
          disabled={busy || wait > 0}
          value={typed}
          onChange={setTyped}
          onComplete={(code) => prove.mutate({ code })}
        />
      )}
      {way === 'recovery_code' && (
        <TextInput label={session('second:recovery_code')} autoComplete="off" {...text} />
      )}
      {way === 'password' && (
        <PasswordInput
          label={session('password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': session('show_password') }}
          {...text}
        />
      )}
      <Button
        type="submit"
        variant={passkey && !totp ? 'default' : 'filled'}
        loading={busy}
        disabled={wait > 0 || (way === 'code' ? typed.length < CODE_LENGTH : !typed.trim())}
      >
        {t('step_up.submit')}
      </Button>
      {totp && (
        <Button
          variant="subtle"
          size="xs"
          onClick={() => {
            setWay(way === 'code' ? 'recovery_code' : 'code');
            setTyped('');
            prove.reset();
          }}
        >
          {session(way === 'code' ? 'second:use_recovery' : 'second:use_other')}
        </Button>
      )}
    </form>
  );
}

async function proveByPasskey(): Promise<unknown> {
  const { ceremony, options } = await unwrap(control.POST('/api/v1/auth/step-up/passkey/start'));
  const credential = await showPasskey(options);
  return unwrap(
    control.POST('/api/v1/auth/step-up/passkey/finish', { body: { ceremony, credential } }),
  );
}
