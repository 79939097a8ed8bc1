import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconFingerprint } from '~/ui/icons';
import classes from '../account/account.module.css';
import { addPasskey, type Enrolled, type Holder } from '../account/api';
import { Refusal } from '../session/Refusal';
import { usePasskeyWords } from './words';

/** Longest name of a passkey, the same as the server's. */
export const NAME_MAX = 60;

/** Makes a passkey under a name by which its owner will know it again. */
export function AddPasskey({
  holder,
  onDone,
}: {
  holder: Holder;
  onDone: (got: Enrolled) => void;
}) {
  const { t } = useTranslation('account');
  const [name, setName] = useState(() => t('passkey.default_name', { system: system() }));
  const words = usePasskeyWords();
  const add = useMutation({
    mutationFn: () => addPasskey(holder, name.trim()),
    onSuccess: onDone,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim()) add.mutate();
  }
  return (
    <form className={classes.code} noValidate onSubmit={submit}>
      <Refusal error={add.error} says={words(add.error)} />
      <TextInput
        label={t('passkey.name')}
        description={t('passkey.name_text')}
        maxLength={NAME_MAX}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button
        type="submit"
        loading={add.isPending}
        disabled={!name.trim()}
        leftSection={<IconFingerprint size={18} aria-hidden="true" />}
      >
        {t('passkey.add')}
      </Button>
    </form>
  );
}

/** What people call the device in front of them. */
function system(): string {
  const agent = navigator.userAgent;
  const known = [
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Android', /Android/],
    ['Mac', /Macintosh/],
    ['Windows', /Windows/],
    ['Linux', /Linux/],
  ] as const;
  return known.find(([, pattern]) => pattern.test(agent))?.[0] ?? '';
}
