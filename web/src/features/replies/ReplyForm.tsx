import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { CannedReply } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { keys } from './queries';
import { TextField } from './TextField';

/** Longest name, the same as the server's. */
export const NAME_MAX = 100;

type Typed = { name: string; message: string; shared: boolean };

/** Makes a canned reply, or changes one. */
export function ReplyForm({ reply, onClose }: { reply: CannedReply | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const shares = mayArrange(usePerson());
  const keyOf = useOnceKey();
  const [typed, setTyped] = useState<Typed>({
    name: reply?.name ?? '',
    message: reply?.message ?? '',
    shared: reply?.scope === 'everybody',
  });
  const saving = useSaving<Typed>({
    save: ({ name, message, shared }) => {
      if (!reply) {
        const body = { name, message, scope: shared ? 'everybody' : 'own' } as const;
        return unwrap(app.POST('/api/v1/canned-replies', { body, headers: once(keyOf(body)) }));
      }
      return unwrap(
        app.PATCH('/api/v1/canned-replies/{reply}', {
          params: { path: { reply: reply.id } },
          headers: ifVersion(reply.version),
          body: { name, message },
        }),
      );
    },
    lists: [keys.replies],
    onSaved: onClose,
  });
  const set = (change: Partial<Typed>) => setTyped((now) => ({ ...now, ...change }));
  function submit() {
    const body = { ...typed, name: typed.name.trim(), message: typed.message.trim() };
    saving.submit(body, {
      ...(!body.name && { name: session('required') }),
      ...(!body.message && { message: session('required') }),
    });
  }
  return (
    <FormDialog
      title={t(reply ? 'replies.edit_reply' : 'replies.new_reply')}
      submit={t('save')}
      pending={saving.pending}
      error={saving.error}
      faults={saving.faults}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('replies.name')}
        maxLength={NAME_MAX}
        autoComplete="off"
        data-autofocus
        value={typed.name}
        error={saving.faults.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
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
