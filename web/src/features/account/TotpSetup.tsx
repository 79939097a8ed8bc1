import { Button, Loader } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWrongProof } from '~/api/problem';
import { ErrorState } from '~/ui/ErrorState';
import { IconCheck, IconCopy } from '~/ui/icons';
import { CodeInput } from '../session/CodeInput';
import { useWait } from '../session/countdown';
import { grouped } from '../session/digits';
import { Refusal } from '../session/Refusal';
import classes from './account.module.css';

/** What an authenticator app has to know, in three writings. */
type Shown = { secret: string; otpauth_url: string; qr_code: string };
type Props<Got> = {
  setUp: () => Promise<Shown>;
  enable: (code: string) => Promise<Got>;
  onDone: (got: Got) => void;
};

/** Connects an authenticator app: a picture to scan or a key to type, then the app's first code. */
export function TotpSetup<Got>({ setUp, enable, onDone }: Props<Got>) {
  const { t } = useTranslation('account');
  // Each setup makes a new secret, so none may be kept or asked for by itself a second time.
  const setup = useQuery({
    queryKey: ['2fa', 'setup'],
    queryFn: setUp,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
    retry: false,
  });
  if (setup.isError) {
    return (
      <ErrorState
        title={t('totp.error')}
        error={setup.error}
        onRetry={() => void setup.refetch()}
      />
    );
  }
  if (!setup.data) return <Loader size="sm" mx="auto" my="xl" aria-label={t('totp.loading')} />;
  return (
    <div className={classes.steps}>
      <ol>
        <li>{t('totp.step_app')}</li>
        <li>
          {t('totp.step_scan')}
          <Secret {...setup.data} />
        </li>
        <li>
          {t('totp.step_code')}
          <FirstCode enable={enable} onDone={onDone} />
        </li>
      </ol>
    </div>
  );
}

function Secret(props: Shown) {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.secret}>
      <img src={props.qr_code} alt={t('totp.qr')} className={classes.qr} />
      <div>
        <p>{t('totp.by_hand')}</p>
        <code className={classes.key}>{grouped(props.secret)}</code>
        <Button
          size="xs"
          variant="default"
          leftSection={clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={() => clipboard.copy(props.secret)}
        >
          {clipboard.copied ? common('copied') : t('totp.copy')}
        </Button>
        <p>
          <a href={props.otpauth_url}>{t('totp.open_app')}</a>
        </p>
      </div>
    </div>
  );
}

function FirstCode<Got>({ enable, onDone }: Omit<Props<Got>, 'setUp'>) {
  const { t } = useTranslation('account');
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const first = useMutation({
    mutationFn: enable,
    onSuccess: onDone,
    onError: () => {
      setCode('');
      setTimeout(() => field.current?.focus());
    },
  });
  const wait = useWait(first.error);
  // Mostly because the clock of one of the two devices is wrong.
  const wrong = isWrongProof(first.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (code) first.mutate(code);
  }
  return (
    <form className={classes.code} noValidate onSubmit={submit}>
      <Refusal error={first.error} says={wrong ? t('totp.wrong') : null} />
      <CodeInput
        ref={field}
        label={t('totp.code')}
        disabled={first.isPending || wait > 0}
        value={code}
        onChange={setCode}
        onComplete={(full) => first.mutate(full)}
      />
      <Button type="submit" loading={first.isPending} disabled={wait > 0}>
        {t('totp.enable')}
      </Button>
    </form>
  );
}
