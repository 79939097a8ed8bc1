import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { ApiError, isWrongProof } from '~/api/problem';
import type { Factors, LoginAnswer } from '~/api/types';
import { IconFingerprint } from '~/ui/icons';
import { hasPasskeys, showPasskey } from '../passkeys/webauthn';
import { usePasskeyWords } from '../passkeys/words';
import { CodeInput } from './CodeInput';
import { useWait } from './countdown';
import { DoorFrame } from './DoorFrame';
import frame from './DoorFrame.module.css';
import { Refusal } from './Refusal';

type Proof = { code: string } | { recovery_code: string } | 'passkey';

/** What one may have, as long as nothing is known. */
const ALL: Factors = { totp: true, passkeys: 1, recovery_codes_left: 1 };

/** The second factor: a code of the app, one of the recovery codes, or a passkey. */
export function Challenge(props: {
  token: string;
  factors?: Factors;
  onDone: (answer: LoginAnswer) => Promise<void>;
  onRestart: () => void;
}) {
  const { t } = useTranslation(['session', 'second']);
  const { totp, passkeys, recovery_codes_left } = props.factors ?? ALL;
  const passkey = passkeys > 0 && hasPasskeys();
  const [recovery, setRecovery] = useState(!totp && !passkey);
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const why = useWhy();
  const verify = useMutation({
    mutationFn: (proof: Proof) => prove(props.token, proof),
    onSuccess: props.onDone,
    onError: () => {
      setCode('');
      setTimeout(() => field.current?.focus());
    },
  });
  const wait = useWait(verify.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code) verify.mutate(recovery ? { recovery_code: code.trim() } : { code });
  };
  const swap = () => {
    setRecovery(!recovery);
    setCode('');
    verify.reset();
  };
  const busy = verify.isPending || verify.isSuccess;
  return (
    <DoorFrame
      title={t('second:title')}
      subtitle={t(recovery ? 'second:recovery_text' : totp ? 'second:text' : 'second:passkey_text')}
    >
      <form className={frame.form} noValidate onSubmit={submit}>
        <Refusal error={verify.error} says={why(verify.error, verify.variables)} />
        {recovery ? (
          <TextInput
            ref={field}
            label={t('second:recovery_code')}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          totp && (
            <CodeInput
              ref={field}
              label={t('second:code')}
              autoFocus
              disabled={busy || wait > 0}
              value={code}
              onChange={setCode}
              onComplete={(full) => verify.mutate({ code: full })}
            />
          )
        )}
        {(totp || recovery) && (
          <Button type="submit" fullWidth loading={busy} disabled={wait > 0}>
            {t('second:submit')}
          </Button>
        )}
        {passkey && (
          <Button
            fullWidth
            variant={totp || recovery ? 'default' : 'filled'}
            disabled={busy || wait > 0}
            leftSection={<IconFingerprint size={18} aria-hidden="true" />}
            onClick={() => verify.mutate('passkey')}
          >
            {t('second:passkey')}
          </Button>
        )}
      </form>
      <p className={frame.foot}>
        {recovery_codes_left > 0 && (totp || passkey) && (
          <>
            <button type="button" className={frame.link} onClick={swap}>
              {t(recovery ? 'second:use_other' : 'second:use_recovery')}
            </button>
            {' · '}
          </>
        )}
        <button type="button" className={frame.link} onClick={props.onRestart}>
          {t('second:restart')}
        </button>
      </p>
    </DoorFrame>
  );
}

async function prove(challenge_token: string, proof: Proof): Promise<LoginAnswer> {
  if (proof !== 'passkey') {
    return unwrap(door.POST('/api/v1/auth/2fa/verify', { body: { challenge_token, ...proof } }));
  }
  const { ceremony, options } = await unwrap(
    door.POST('/api/v1/auth/2fa/passkey/start', { body: { challenge_token } }),
  );
  const credential = await showPasskey(options);
  return unwrap(door.POST('/api/v1/auth/2fa/passkey/finish', { body: { ceremony, credential } }));
}

/** Refusals that mean something of their own here: what did not fit, or a challenge that is over. */
function useWhy(): (error: unknown, proof?: Proof) => string | null {
  const { t } = useTranslation(['session', 'second']);
  const words = usePasskeyWords();
  return (error, proof) => {
    if (isWrongProof(error)) return t(proof === 'passkey' ? 'passkey.unknown' : 'second:wrong');
    if (!(error instanceof ApiError)) return words(error);
    if (error.status === 401 || error.status === 404) return t('second:over');
    return error.status === 422 ? t('second:wrong') : null;
  };
}
