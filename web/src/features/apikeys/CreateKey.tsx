import { ActionIcon, Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import { IconCheck, IconCopy } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useWait } from '../session/countdown';
import { fieldErrors } from '../session/fields';
import { Refusal } from '../session/Refusal';
import classes from './ApiKeys.module.css';
import { apiKeyList } from './queries';
import { endOf, LIFETIMES, type Lifetime, SCOPES, type Scope } from './scopes';

/** Longest name of a key, the same as the server's. */
const NAME_MAX = 100;

/** Makes a key with what it may do and until when. */
export function CreateKey() {
  const { t } = useTranslation('security');
  const { t: session } = useTranslation('session');
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const [faults, setFaults] = useState<Record<string, string>>({});
  const create = useMutation({
    mutationFn: () =>
      unwrap(
        control.POST('/api/v1/api-keys', {
          body: {
            name: name.trim(),
            scopes: scopes as Scope[],
            expires_at: endOf(lifetime, Date.now()),
          },
        }),
      ),
    onSuccess: () => {
      setName('');
      setScopes([]);
      return client.invalidateQueries({ queryKey: apiKeyList.queryKey });
    },
    onError: (error) => setFaults(fieldErrors(session, error)),
  });
  const wait = useWait(create.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    const found = {
      ...(!name.trim() && { name: session('required') }),
      ...(scopes.length === 0 && { scopes: t('keys.no_scope') }),
    };
    setFaults(found);
    if (Object.keys(found).length === 0) create.mutate();
  }
  return (
    <Section id="new-key" title={t('keys.new')}>
      <form className={page.form} noValidate onSubmit={submit}>
        {Object.keys(faults).length === 0 && <Refusal error={create.error} />}
        <div className={classes.fields}>
          <TextInput
            label={t('keys.name')}
            description={t('keys.name_text')}
            maxLength={NAME_MAX}
            autoComplete="off"
            value={name}
            error={faults.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('keys.lifetime')}
            description={t('keys.lifetime_text')}
            value={lifetime}
            error={faults.expires_at}
            onChange={(event) => setLifetime(event.currentTarget.value as Lifetime)}
            data={LIFETIMES.map((value) => ({ value, label: t(`keys.lifetime_${value}`) }))}
          />
        </div>
        <Checkbox.Group
          label={t('keys.scopes')}
          value={scopes}
          error={faults.scopes}
          onChange={setScopes}
        >
          <div className={classes.choices}>
            {SCOPES.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={t(`scope.${scope.replace(':', '_') as 'tickets_read'}`)}
              />
            ))}
          </div>
        </Checkbox.Group>
        <div className={page.foot}>
          <Button type="submit" loading={create.isPending} disabled={wait > 0}>
            {t('keys.create')}
          </Button>
        </div>
      </form>
      <Shown name={create.data?.name} secret={create.data?.key} onClose={create.reset} />
    </Section>
  );
}

/** The key itself, for this one time. */
function Shown(props: { name?: string; secret?: string; onClose: () => void }) {
  const { t } = useTranslation('security');
  const { t: common } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <Modal
      opened={props.secret !== undefined}
      onClose={props.onClose}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size="lg"
      title={t('keys.shown_title', { name: props.name })}
    >
      <p className={page.text}>{t('keys.shown_text')}</p>
      <div className={classes.key}>
        <code data-testid="api-key">{props.secret}</code>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t('keys.copy')}
          onClick={() => clipboard.copy(props.secret)}
        >
          {clipboard.copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
        </ActionIcon>
        <span role="status" className="visually-hidden">
          {clipboard.copied && common('copied')}
        </span>
      </div>
      <Button fullWidth onClick={props.onClose}>
        {t('keys.shown_done')}
      </Button>
    </Modal>
  );
}
