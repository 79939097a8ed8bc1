import { Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal } from '~/features/session/Refusal';
import page from '~/ui/page.module.css';
import { useExplainHere } from '../ui/explain';
import { FormEnd, InDialog } from '../ui/InDialog';
import { migrationKeys, startRun } from './queries';
import { bodyOf, FIRST, faultsOf, meetsHeld, refused, type Typed } from './rules';

/** Begins a run: who goes first, how many at a time, and how many failures stop it. */
export function StartRun() {
  const { t } = useTranslation('operator');
  return (
    <InDialog act={t('migrations.start')} variant="filled" title={t('migrations.start_title')}>
      {(close) => <Form onClose={close} />}
    </InDialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('operator');
  const navigate = useNavigate();
  const client = useQueryClient();
  const explain = useExplainHere();
  const [typed, setTyped] = useState<Typed>(FIRST);
  const [faults, setFaults] = useState<ReturnType<typeof faultsOf>>({});
  const start = useMutation({
    mutationFn: startRun,
    onSuccess: ({ id }) => void navigate({ to: '/migrations/$id', params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: migrationKeys }),
  });
  // What the server refuses of a field, as a canary that is nobody's, stands at the field.
  const wrong = refused(start.error);
  // The refusal says what a second press does: the held run ends for this one.
  const held = meetsHeld(start.error);
  const field = (name: keyof Typed) => ({
    label: t(`migrations.field.${name}`),
    description: t(`migrations.field_text.${name}`),
    autoComplete: 'off',
    value: typed[name],
    error: faults[name] || wrong.includes(name) ? t(`migrations.field_wrong.${name}`) : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const found = faultsOf(typed);
    setFaults(found);
    if (Object.keys(found).length === 0) start.mutate({ ...bodyOf(typed), replaces_held: held });
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      <p className={page.text}>{t('migrations.start_text')}</p>
      {wrong.length === 0 && <Refusal error={start.error} says={says(start.error, explain)} />}
      <Textarea {...field('canaries')} autosize minRows={1} maxRows={5} spellCheck={false} />
      <TextInput {...field('parallel')} inputMode="numeric" />
      <TextInput {...field('max_failures')} inputMode="decimal" />
      <FormEnd
        submit={t(held ? 'migrations.replace_held' : 'migrations.start_submit')}
        pending={start.isPending || start.isSuccess}
        onClose={onClose}
      />
    </form>
  );
}

const says = (error: unknown, explain: (error: unknown) => string) =>
  error ? explain(error) : null;
