import { Checkbox } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { SavedView } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { FormDialog } from '../arrange/FormDialog';
import { NameField } from '../arrange/NameField';
import { useSaving } from '../arrange/useSaving';
import { type Others, useTyped } from '../arrange/useTyped';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { keys } from './keys';
import type { TicketFilter } from './views';

/** Asks for a name, and saves what the list shows as a view. */
export function SaveView({ filter, onClose }: { filter: TicketFilter; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const navigate = useNavigate();
  const keyOf = useOnceKey();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const shares = mayArrange(usePerson());
  return (
    <NameDialog
      title={t('save.title')}
      text={t('save.text')}
      name={name}
      onName={setName}
      dirty={name.trim() !== ''}
      submit={t('save.submit')}
      save={(name) => {
        const body = { name, scope: shared ? 'everybody' : 'own', filter } as const;
        return unwrap(app.POST('/api/v1/views', { body, headers: once(keyOf(body)) }));
      }}
      onSaved={({ id }) => void navigate({ to: '/', search: { view: String(id) } })}
      onClose={onClose}
    >
      {shares && (
        <Checkbox
          label={t('save.shared')}
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      )}
    </NameDialog>
  );
}

/** Gives a saved view another name, if nobody else has changed it meanwhile. */
export function RenameView({ view, onClose }: { view: SavedView; onClose: () => void }) {
  const { t } = useTranslation('desk');
  const { base, typed, set, others, dirty } = useTyped(view, named);
  return (
    <NameDialog
      title={t('save.rename_title', { name: view.name })}
      name={typed.name}
      onName={(name) => set({ name })}
      others={others}
      dirty={dirty}
      submit={t('save.rename_submit')}
      save={(name) =>
        unwrap(
          app.PATCH('/api/v1/views/{view}', {
            params: { path: { view: view.id } },
            headers: ifVersion((base ?? view).version),
            body: { name },
          }),
        )
      }
      onClose={onClose}
    />
  );
}

const named = (view: SavedView | null) => ({ name: view?.name ?? '' });

function NameDialog(props: {
  title: string;
  text?: string;
  name: string;
  onName: (name: string) => void;
  others?: Others;
  dirty: boolean;
  submit: string;
  save: (name: string) => Promise<SavedView>;
  onSaved?: (view: SavedView) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation('desk');
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const { name } = props;
  const saving = useSaving({
    save: props.save,
    lists: [keys.views, keys.viewCounts],
    onSaved: (view) => {
      props.onClose();
      props.onSaved?.(view);
    },
  });
  const { error } = saving;
  const { status } = error instanceof ApiError ? error : { status: 0 };
  const why = status === 409 ? t('save.full') : status === 412 ? t('save.changed') : null;
  // Another's name is told of by the dialog itself.
  const told = status === 412 && props.others?.met;
  const fault =
    saving.faults.name ?? (told ? undefined : (why ?? (error ? explain(error) : undefined)));
  return (
    <FormDialog
      title={props.title}
      submit={props.submit}
      size="md"
      saving={{ ...saving, faults: fault ? { name: fault } : {} }}
      others={props.others}
      dirty={props.dirty}
      onSubmit={() => saving.submit(name.trim(), name.trim() ? {} : { name: session('required') })}
      onClose={props.onClose}
    >
      {props.text && <p className={page.text}>{props.text}</p>}
      <NameField value={name} fault={fault} onChange={props.onName} />
      {props.children}
    </FormDialog>
  );
}
