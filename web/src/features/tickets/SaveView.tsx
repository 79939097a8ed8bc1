import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type { SavedView } from '~/api/types';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { fieldErrors } from '../session/fields';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { useRenameView, useSaveView } from './viewChanges';
import type { TicketFilter } from './views';

/** Longest name of a view, the same as the server's. */
const NAME_MAX = 100;

/** Asks for a name, and saves what the list shows as a view. */
export function SaveView({ filter, onClose }: { filter: TicketFilter; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const navigate = useNavigate();
  const save = useSaveView();
  const [shared, setShared] = useState(false);
  const shares = mayArrange(usePerson());
  return (
    <NameDialog
      title={t('save.title')}
      text={t('save.text')}
      submit={t('save.submit')}
      error={save.error}
      pending={save.isPending}
      onClose={onClose}
      onName={(name) =>
        save.mutate(
          { name, scope: shared ? 'everybody' : 'own', filter },
          {
            onSuccess: ({ id }) => {
              onClose();
              void navigate({ to: '/', search: { view: String(id) } });
            },
          },
        )
      }
    >
      {shares && (
        <Checkbox
          mt="md"
          label={t('save.shared')}
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      )}
    </NameDialog>
  );
}

/** Gives a saved view another name. */
export function RenameView({ view, onClose }: { view: SavedView; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const rename = useRenameView(view);
  return (
    <NameDialog
      title={t('save.rename_title', { name: view.name })}
      name={view.name}
      submit={t('save.rename_submit')}
      error={rename.error}
      pending={rename.isPending}
      onClose={onClose}
      onName={(name) => rename.mutate(name, { onSuccess: onClose })}
    />
  );
}

function NameDialog(props: {
  title: string;
  text?: string;
  name?: string;
  submit: string;
  error: Error | null;
  pending: boolean;
  onClose: () => void;
  onName: (name: string) => void;
  children?: React.ReactNode;
}) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const [name, setName] = useState(props.name ?? '');
  const [tried, setTried] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (name.trim()) props.onName(name.trim());
  }
  const { status } = props.error instanceof ApiError ? props.error : { status: 0 };
  const why = status === 409 ? t('save.full') : status === 412 ? t('save.changed') : null;
  const fault = fieldErrors(session, props.error).name ?? why;
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        {props.text && <p className={page.text}>{props.text}</p>}
        <TextInput
          mt="sm"
          label={t('save.name')}
          maxLength={NAME_MAX}
          autoComplete="off"
          data-autofocus
          value={name}
          error={
            tried && !name.trim()
              ? session('required')
              : (fault ?? (props.error ? explain(props.error) : null))
          }
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {props.children}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={props.onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={props.pending}>
            {props.submit}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
