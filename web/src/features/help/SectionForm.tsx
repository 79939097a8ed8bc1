import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import type { ArticleSection, SaveSection } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { Position } from '../categories/CategoryForm';
import { LabelInputs, missingLabels } from '../categories/LabelInputs';
import { HELP } from './queries';

type Typed = Required<SaveSection>;

function typedOf(section: ArticleSection | null): Typed {
  return {
    labels: section?.labels ?? { fr: '', en: '' },
    position: section?.position ?? 0,
  };
}

/** Makes a section of the help centre, or changes one. */
export function SectionForm(props: { section: ArticleSection | null; onClose: () => void }) {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { section, onClose } = props;
  const { base, typed, set, others, dirty } = useTyped(section, typedOf);
  const saving = useSaving({ save: useSave(base), lists: [HELP], onSaved: onClose });
  return (
    <FormDialog
      title={t(section ? 'sections.edit' : 'sections.new')}
      saving={saving}
      others={others}
      place="full"
      dirty={dirty}
      onSubmit={() => saving.submit(typed, missingLabels(typed.labels, session('required')))}
      onClose={onClose}
    >
      <LabelInputs
        labels={typed.labels}
        faults={saving.faults}
        onChange={(labels) => set({ labels })}
      />
      <Position value={typed.position} onChange={(position) => set({ position })} />
    </FormDialog>
  );
}

function useSave(section: ArticleSection | null): (typed: Typed) => Promise<ArticleSection> {
  const keyOf = useOnceKey();
  return (body) =>
    section
      ? unwrap(
          app.PATCH('/api/v1/articles/sections/{section}', {
            params: { path: { section: section.id } },
            headers: ifVersion(section.version),
            body,
          }),
        )
      : unwrap(app.POST('/api/v1/articles/sections', { body, headers: once(keyOf(body)) }));
}
