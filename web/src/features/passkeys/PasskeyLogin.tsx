import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { door, unwrap } from '~/api/client';
import { isWrongProof } from '~/api/problem';
import type { LoginAnswer } from '~/api/types';
import { IconFingerprint } from '~/ui/icons';
import { Refusal } from '../session/Refusal';
import { hasPasskeys, showPasskey } from './webauthn';
import { usePasskeyWords } from './words';

type How = { signal: AbortSignal; conditional?: boolean };

/** Signs in with a passkey and nothing else; who it is, the passkey itself says. */
async function signInWithPasskey(how: How): Promise<LoginAnswer> {
  const { ceremony, options } = await unwrap(
    door.POST('/api/v1/auth/passkeys/login/start', { body: { client: 'browser' } }),
  );
  const credential = await showPasskey(options, how);
  return unwrap(
    door.POST('/api/v1/auth/passkeys/login/finish', { body: { ceremony, credential } }),
  );
}

/** The button, and the same among the suggestions of the address field where browsers can do that. */
export function PasskeyLogin({ onDone }: { onDone: (answer: LoginAnswer) => Promise<void> }) {
  const { t } = useTranslation('session');
  const words = usePasskeyWords();
  const suggestion = useRef<AbortController | null>(null);
  const login = useMutation({ mutationFn: signInWithPasskey, onSuccess: onDone });
  const { mutateAsync } = useMutation({ mutationFn: signInWithPasskey, onSuccess: onDone });
  useEffect(() => {
    const control = new AbortController();
    suggestion.current = control;
    void offersSuggestions().then((can) => {
      if (!can || control.signal.aborted) return;
      // Nobody has asked for this yet, so its failure is nobody's concern: the button is still there.
      mutateAsync({ signal: control.signal, conditional: true }).catch(() => {});
    });
    return () => control.abort();
  }, [mutateAsync]);
  if (!hasPasskeys()) return null;
  function ask() {
    // A browser does one thing with passkeys at a time.
    suggestion.current?.abort();
    login.mutate({ signal: new AbortController().signal });
  }
  return (
    <>
      <Refusal
        error={login.error}
        says={isWrongProof(login.error) ? t('passkey.unknown') : words(login.error)}
      />
      <Button
        fullWidth
        variant="default"
        loading={login.isPending}
        leftSection={<IconFingerprint size={18} aria-hidden="true" />}
        onClick={ask}
      >
        {t('passkey.sign_in')}
      </Button>
    </>
  );
}

async function offersSuggestions(): Promise<boolean> {
  if (!hasPasskeys()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}
