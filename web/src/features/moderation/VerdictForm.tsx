import { useTranslation } from 'react-i18next';
import { useOnceKey } from '~/api/useOnceKey';
import page from '~/ui/page.module.css';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { hashOf } from './digest';
import { HashField } from './HashField';
import { NoteField } from './NoteField';
import { judge, judgeAnew, verdictKeys } from './queries';
import type { ModerationHash, Verdict } from './types';
import { VerdictField } from './VerdictField';

type Typed = { sha256: string; status: Verdict; note: string };

function typedOf(hash: ModerationHash | null): Typed {
  return {
    sha256: hash?.sha256 ?? '',
    status: hash?.status ?? 'rejected',
    note: hash?.note ?? '',
  };
}

/** Judges a content, or judges one anew: which one it is never changes. */
export function VerdictForm(props: { hash: ModerationHash | null; onClose: () => void }) {
  const { t } = useTranslation('moderation');
  const { hash, onClose } = props;
  // When it was changed tells which of two is newer: it has no other version.
  const one = hash && { ...hash, version: Date.parse(hash.updated_at) };
  const { base, typed, set, others, dirty } = useTyped(one, typedOf);
  const saving = useSaving({ save: useSave(base), lists: [verdictKeys], onSaved: onClose });
  const { faults } = saving;
  const refuses = typed.status === 'rejected' && base?.status !== 'rejected';
  function submit() {
    const sha256 = hashOf(typed.sha256);
    saving.submit(
      { ...typed, sha256: sha256 ?? '', note: typed.note.trim() },
      sha256 ? {} : { sha256: t('sha256_wrong') },
    );
  }
  return (
    <FormDialog
      title={t(hash ? 'edit' : 'new')}
      submit={refuses ? t('refuse.submit') : undefined}
      final={refuses}
      saving={saving}
      others={others}
      place="moderation"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      {base ? (
        <code className={page.names}>{base.sha256}</code>
      ) : (
        <HashField
          value={typed.sha256}
          error={faults.sha256}
          onChange={(sha256) => set({ sha256 })}
        />
      )}
      <VerdictField value={typed.status} onChange={(status) => set({ status })} />
      <NoteField value={typed.note} error={faults.note} onChange={(note) => set({ note })} />
      <div role="status">{refuses && <div className={page.hint}>{t('take_away')}</div>}</div>
    </FormDialog>
  );
}

/** Sends what is new, and of what was judged before only what is another way: nobody's other change is undone. */
function useSave(base: ModerationHash | null): (typed: Typed) => Promise<ModerationHash> {
  const keyOf = useOnceKey();
  return ({ sha256, status, note }) => {
    if (!base) {
      const body = { sha256, status, ...(note && { note }) };
      return judge(body, keyOf(body));
    }
    return judgeAnew(base.id, {
      ...(status !== base.status && { status }),
      ...(note !== (base.note ?? '') && { note: note || null }),
    });
  };
}
