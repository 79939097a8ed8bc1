import { Button, Modal, PasswordInput, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { isWrongProof } from '~/api/problem';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { CodeInput } from '../session/CodeInput';
import { useWait } from '../session/countdown';
import { CODE_LENGTH } from '../session/digits';
import { Refusal } from '../session/Refusal';
import classes from './account.module.css';
import { enableTotp, setUpTotp } from './api';
import { keys, secondFactor } from './queries';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

/** The authenticator app: whether there is one, and the way to connect or disconnect it. */
export function TotpSection() {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const known = useQuery(secondFactor);
  const [open, setOpen] = useState<'setup' | 'off' | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const [said, setSaid] = useState('');
  function done(text: string) {
    setOpen(null);
    setCodes([]);
    setSaid(text);
    void client.invalidateQueries({ queryKey: keys.secondFactor });
  }
  const on = known.data?.totp ?? false;
  return (
    <Section id="totp" title={t('totp.title')} text={t('totp.text')}>
      {known.isError && !known.data ? (
        <ErrorState
          title={t('second_error')}
          error={known.error}
          onRetry={() => void known.refetch()}
        />
      ) : known.data ? (
        <div className={page.foot}>
          <span className={on ? classes.on : classes.off}>{t(on ? 'totp.on' : 'totp.off')}</span>
          {on ? (
            <Button variant="default" onClick={() => setOpen('off')} disabled={known.data.required}>
              {t('totp.turn_off')}
            </Button>
          ) : (
            <Button onClick={() => setOpen('setup')}>{t('totp.turn_on')}</Button>
          )}
          <span role="status" className={page.said}>
            {said}
          </span>
        </div>
      ) : (
        <Skeleton height={36} width={240} />
      )}
      {on && known.data?.required && <p className={page.text}>{t('totp.required')}</p>}
      <Modal
        opened={open === 'setup'}
        onClose={() => (codes.length > 0 ? done(t('totp.turned_on')) : setOpen(null))}
        // Codes that are shown once are not lost by a press beside them.
        closeOnClickOutside={codes.length === 0}
        closeOnEscape={codes.length === 0}
        withCloseButton={codes.length === 0}
        size="lg"
        title={t(codes.length > 0 ? 'recovery.title' : 'totp.turn_on')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {codes.length > 0 ? (
          <RecoveryCodes codes={codes} onSaved={() => done(t('totp.turned_on'))} />
        ) : (
          <TotpSetup
            setUp={() => setUpTotp('session')}
            enable={(code) => enableTotp('session', code)}
            onDone={(got) =>
              got.codes.length > 0 ? setCodes(got.codes) : done(t('totp.turned_on'))
            }
          />
        )}
      </Modal>
      <Modal
        opened={open === 'off'}
        onClose={() => setOpen(null)}
        title={t('totp.off_title')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <TurnOff onDone={() => done(t('totp.turned_off'))} />
      </Modal>
    </Section>
  );
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('account');
  const { t: session } = useTranslation(['session', 'second']);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const disable = useMutation({
    mutationFn: () =>
      unwrap(control.POST('/api/v1/auth/2fa/disable', { body: { password, code } })),
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const wait = useWait(disable.error);
  const ready = password !== '' && code.length === CODE_LENGTH;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (ready) disable.mutate();
  }
  return (
    <form className={classes.fields} noValidate onSubmit={submit}>
      <p className={classes.lead}>{t('totp.off_text')}</p>
      <Refusal
        error={disable.error}
        says={isWrongProof(disable.error) ? t('totp.off_wrong') : null}
      />
      <PasswordInput
        label={session('password')}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': session('show_password') }}
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <CodeInput
        label={session('second:code')}
        value={code}
        onChange={setCode}
        onComplete={() => {}}
      />
      <Button type="submit" color="red.8" loading={disable.isPending} disabled={!ready || wait > 0}>
        {t('totp.turn_off')}
      </Button>
    </form>
  );
}
