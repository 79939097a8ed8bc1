import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal } from '~/features/session/Refusal';
import page from '~/ui/page.module.css';
import { lookAgain } from '../tenants/turn';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { backupKeys, beginDrill, takeBackup } from './queries';

type What = 'backup' | 'drill';
type Props = { what: What; tenant?: string; onDone: (said: string) => void };

/** Asks for a backup or a drill now, and whose it shall be. */
export function AskFor(props: Props) {
  const { t } = useTranslation('operator');
  return (
    <InDialog
      act={t(`ask_for.${props.what}`)}
      variant={props.what === 'drill' ? 'default' : 'filled'}
      title={t(`ask_for.${props.what}_title`)}
    >
      {(close) => <Form {...props} onClose={close} />}
    </InDialog>
  );
}

function Form({ what, tenant, onDone, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const [typed, setTyped] = useState(tenant ?? '');
  const ask = useMutation({
    mutationFn: (slug?: string) => (what === 'backup' ? takeBackup(slug) : beginDrill(slug)),
    onSuccess: ({ tenant: slug }) => {
      onDone(slug ? t(`ask_for.${what}_asked`, { slug }) : t(`ask_for.${what}_asked_any`));
      onClose();
    },
    onSettled: () =>
      Promise.all([lookAgain(client), client.invalidateQueries({ queryKey: backupKeys })]),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    ask.mutate(typed.trim() || undefined);
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t(`ask_for.${what}_text`)}</p>
      <Refusal error={ask.error} says={ask.error ? explain(ask.error) : null} />
      <TextInput
        label={t('jobs.tenant')}
        description={t(`ask_for.${what}_whose`)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <FormEnd submit={t(`ask_for.${what}`)} pending={ask.isPending} onClose={onClose} />
    </form>
  );
}
