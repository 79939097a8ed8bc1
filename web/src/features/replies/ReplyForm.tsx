import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { CannedReply } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { NameField } from '../arrange/NameField';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { keys } from './queries';
import { TextField } from './TextField';

type Typed = { name: string; message: string; shared: boolean };

function typedOf(reply: CannedReply | null): Typed {
  return {
    name: reply?.name ?? '',
    message: reply?.message ?? '',
    shared: reply?.scope === 'everybody',
  };
}

/** Makes a canned reply, or changes one. */
export function ReplyForm({ reply, onClose }: { reply: CannedReply | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const shares = mayArrange(usePerson());
  const keyOf = useOnceKey();
  const { base, typed, set, others, dirty } = useTyped(reply, typedOf);
  const saving = useSaving({
    save: ({ name, message, shared }: Typed) => {
      if (!base) {
        const body = { name, message, scope: shared ? 'everybody' : 'own' } as const;
        return unwrap(app.POST('/api/v1/canned-replies', { body, headers: once(keyOf(body)) }));
      }
      return unwrap(
        app.PATCH('/api/v1/canned-replies/{reply}', {
          params: { path: { reply: base.id } },
          headers: ifVersion(base.version),
          body: { name, message },
        }),
      );
    },
    lists: [keys.replies],
    onSaved: onClose,
  });
  function submit() {
    const body = { ...typed, name: typed.name.trim(), message: typed.message.trim() };
    saving.submit(body, {
      ...(!body.name && { name: session('required') }),
      ...(!body.message && { message: session('required') }),
    });
  }
  return (
    <FormDialog
      title={t(reply ? 'canned.edit' : 'canned.new')}
      saving={saving}
      others={others}
      place="full"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <NameField value={typed.name} fault={saving.faults.name} onChange={(name) => set({ name })} />
      <TextField
        value={typed.message}
        error={saving.faults.message}
        onChange={(message) => set({ message })}
      />
      {!reply && shares && (
        <Checkbox
          label={t('replies.shared')}
          checked={typed.shared}
          onChange={(event) => set({ shared: event.currentTarget.checked })}
        />
      )}
    </FormDialog>
  );
}
