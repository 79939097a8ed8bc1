import { ActionIcon, Button, Modal, Skeleton, TextInput, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { control, unwrap } from '~/api/client';
import type { Passkey } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconPencil, IconTrash } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { dateOnly } from '~/ui/time';
import { AddPasskey, NAME_MAX } from '../passkeys/AddPasskey';
import { hasPasskeys } from '../passkeys/webauthn';
import { Refusal } from '../session/Refusal';
import { keys, passkeyList } from './queries';
import { RecoveryCodes } from './RecoveryCodes';

/** One's passkeys: each with its name, when it was used, and the way to be rid of it. */
export function PasskeySection() {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const list = useQuery(passkeyList);
  const [adding, setAdding] = useState(false);
  const [codes, setCodes] = useState<string[]>([]);
  const [said, setSaid] = useState('');
  const status = useRef<HTMLSpanElement>(null);
  function done(text: string, gone = false) {
    setSaid(text);
    if (gone) status.current?.focus();
    for (const queryKey of [keys.passkeys, keys.secondFactor]) {
      void client.invalidateQueries({ queryKey });
    }
  }
  const close = () => {
    setAdding(false);
    setCodes([]);
  };
  return (
    <Section id="passkeys" title={t('passkey.title')} text={t('passkey.text')}>
      {list.isPending ? (
        <Skeleton height={36} width={240} aria-label={t('passkey.title')} />
      ) : list.data ? (
        list.data.data.length > 0 && (
          <ul className={`${page.rows} ${page.inside}`}>
            {list.data.data.map((passkey) => (
              <Row key={passkey.id} passkey={passkey} onDone={done} />
            ))}
          </ul>
        )
      ) : (
        <ErrorState
          title={t('passkey.error')}
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      )}
      <div className={page.foot}>
        {hasPasskeys() ? (
          <Button variant="default" onClick={() => setAdding(true)}>
            {t('passkey.add')}
          </Button>
        ) : (
          <p className={page.text}>{t('passkey.unable')}</p>
        )}
        <span ref={status} role="status" tabIndex={-1} className={page.said}>
          {said}
        </span>
      </div>
      <Modal
        opened={adding}
        onClose={close}
        closeOnClickOutside={codes.length === 0}
        closeOnEscape={codes.length === 0}
        withCloseButton={codes.length === 0}
        title={t(codes.length > 0 ? 'recovery.title' : 'passkey.add')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {codes.length > 0 ? (
          <RecoveryCodes codes={codes} onSaved={close} />
        ) : (
          <AddPasskey
            holder="session"
            onDone={(got) => {
              done(t('passkey.added'));
              if (got.codes.length > 0) setCodes(got.codes);
              else close();
            }}
          />
        )}
      </Modal>
    </Section>
  );
}

function Row(props: { passkey: Passkey; onDone: (said: string, gone?: boolean) => void }) {
  const { t, i18n } = useTranslation('account');
  const explain = useExplain();
  const { passkey, onDone } = props;
  const { id, name } = passkey;
  const [asked, setAsked] = useState<'remove' | 'rename' | null>(null);
  const path = { id };
  const remove = useMutation({
    mutationFn: () => unwrap(control.DELETE('/api/v1/auth/passkeys/{id}', { params: { path } })),
    onSuccess: () => onDone(t('passkey.removed', { name }), true),
    onError: (error) => void notifyFailure(t('passkey.remove_failed', { name }), explain(error)),
  });
  const day = (at: string) => dateOnly(at, i18n.language);
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{name}</span>
        <span className={page.dim}>
          {t('passkey.made', { date: day(passkey.created_at) })} ·{' '}
          {passkey.last_used_at
            ? t('passkey.used', { date: day(passkey.last_used_at) })
            : t('passkey.unused')}
        </span>
      </span>
      <span className={page.buttons}>
        <Tooltip label={t('passkey.rename')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('passkey.rename_label', { name })}
            onClick={() => setAsked('rename')}
          >
            <IconPencil size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('passkey.remove')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={remove.isPending}
            aria-label={t('passkey.remove_label', { name })}
            onClick={() => setAsked('remove')}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
      </span>
      <Confirm
        opened={asked === 'remove'}
        title={t('passkey.remove_title', { name })}
        text={t('passkey.remove_text', { name })}
        submit={t('passkey.remove_label', { name })}
        destructive
        onConfirm={() => remove.mutate()}
        onClose={() => setAsked(null)}
      />
      <Rename
        passkey={passkey}
        opened={asked === 'rename'}
        onDone={onDone}
        onClose={() => setAsked(null)}
      />
    </li>
  );
}

function Rename(props: {
  passkey: Passkey;
  opened: boolean;
  onDone: (said: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const [name, setName] = useState(props.passkey.name);
  const rename = useMutation({
    mutationFn: () =>
      unwrap(
        control.PATCH('/api/v1/auth/passkeys/{id}', {
          params: { path: { id: props.passkey.id } },
          body: { name: name.trim() },
        }),
      ),
    onSuccess: () => {
      props.onDone(t('passkey.renamed', { name: name.trim() }));
      props.onClose();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim()) rename.mutate();
  }
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('passkey.rename_label', { name: props.passkey.name })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form className={page.form} noValidate onSubmit={submit}>
        <Refusal error={rename.error} />
        <TextInput
          label={t('passkey.name')}
          maxLength={NAME_MAX}
          autoComplete="off"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={rename.isPending} disabled={!name.trim()}>
          {t('passkey.rename')}
        </Button>
      </form>
    </Modal>
  );
}
