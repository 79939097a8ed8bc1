import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { OperatorLogin } from '~/api/types';
import { CodeInput } from '~/features/session/CodeInput';
import { useWait } from '~/features/session/countdown';
import { Refusal } from '~/features/session/Refusal';
import page from '~/ui/page.module.css';
import { checkCode } from './session';

/** The second factor: the code that the app shows now. */
export function CodeForm(props: { challenge: string; onDone: (login: OperatorLogin) => void }) {
  const { t } = useTranslation('operator');
  const { t: session } = useTranslation(['session', 'second']);
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const verify = useMutation({
    mutationFn: (full: string) => checkCode(props.challenge, full),
    onSuccess: props.onDone,
    onError: () => {
      setCode('');
      setTimeout(() => field.current?.focus());
    },
  });
  const wait = useWait(verify.error);
  // A code that does not fit and a challenge that is over have the same answer.
  const refused = verify.error instanceof ApiError && [401, 422].includes(verify.error.status);
  const busy = verify.isPending || verify.isSuccess;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (code) verify.mutate(code);
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <Refusal error={verify.error} says={refused ? t('sign_in.wrong_code') : null} />
      <CodeInput
        ref={field}
        label={session('second:code')}
        autoFocus
        disabled={busy || wait > 0}
        value={code}
        onChange={setCode}
        onComplete={(full) => verify.mutate(full)}
      />
      <Button type="submit" fullWidth loading={busy} disabled={wait > 0}>
        {session('second:submit')}
      </Button>
    </form>
  );
}
