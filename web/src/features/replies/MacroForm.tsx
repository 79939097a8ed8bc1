import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { Doing, Macro } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { NameField } from '../arrange/NameField';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { Doings } from './Doings';
import { keys } from './queries';
import { TextField } from './TextField';

type Typed = {
  name: string;
  message: string;
  is_internal: boolean;
  actions: Doing[];
  shared: boolean;
};

/** What stands in the form for a macro. */
function typedOf(macro: Macro | null): Typed {
  return {
    name: macro?.name ?? '',
    message: macro?.message ?? '',
    is_internal: macro?.is_internal ?? false,
    actions: macro?.actions ?? [],
    shared: macro?.scope === 'everybody',
  };
}

/** Makes a macro, or changes one. */
export function MacroForm({ macro, onClose }: { macro: Macro | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const shares = mayArrange(usePerson());
  const { base, typed, set, others, dirty } = useTyped(macro, typedOf);
  const saving = useSaving({
    save: useSave(base),
    lists: [keys.macros],
    onSaved: onClose,
  });
  const { faults } = saving;
  function submit() {
    const body = { ...typed, name: typed.name.trim(), message: typed.message.trim() };
    const idle = !body.message && body.actions.length === 0;
    saving.submit(body, {
      ...(!body.name && { name: session('required') }),
      ...(idle && { message: t('replies.nothing') }),
    });
  }
  return (
    <FormDialog
      title={t(macro ? 'macros.edit' : 'macros.new')}
      saving={saving}
      others={others}
      place="full"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <NameField value={typed.name} fault={faults.name} onChange={(name) => set({ name })} />
      <TextField
        value={typed.message}
        error={faults.message}
        onChange={(message) => set({ message })}
      />
      <Checkbox
        label={t('replies.internal')}
        checked={typed.is_internal}
        onChange={(event) => set({ is_internal: event.currentTarget.checked })}
      />
      <Doings actions={typed.actions} faults={faults} onChange={(actions) => set({ actions })} />
      {!macro && shares && (
        <Checkbox
          label={t('replies.shared')}
          checked={typed.shared}
          onChange={(event) => set({ shared: event.currentTarget.checked })}
        />
      )}
    </FormDialog>
  );
}

function useSave(macro: Macro | null): (typed: Typed) => Promise<Macro> {
  const keyOf = useOnceKey();
  return ({ shared, ...typed }) => {
    const said = { ...typed, message: typed.message || null };
    if (!macro) {
      const body = { ...said, scope: shared ? 'everybody' : 'own' } as const;
      return unwrap(app.POST('/api/v1/macros', { body, headers: once(keyOf(body)) }));
    }
    return unwrap(
      app.PATCH('/api/v1/macros/{macro}', {
        params: { path: { macro: macro.id } },
        headers: ifVersion(macro.version),
        body: said,
      }),
    );
  };
}
