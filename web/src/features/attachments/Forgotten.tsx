import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { promiseIn } from './mention';

const Confirm = lazy(() => import('~/ui/Confirm').then((one) => ({ default: one.Confirm })));

/** Asks before a message goes without the file that its words promise. */
export function useForgotten() {
  const { t } = useTranslation('attachments');
  const [asked, setAsked] = useState<{ word: string; go: () => void } | null>(null);
  function unlessForgotten(text: string, files: number, go: () => void) {
    const word = files > 0 ? null : promiseIn(text);
    if (word) setAsked({ word, go });
    else go();
  }
  const question = asked && (
    <Suspense fallback={null}>
      <Confirm
        opened
        title={t('forgotten.title')}
        text={t('forgotten.text', { word: asked.word })}
        submit={t('forgotten.submit')}
        stay={t('forgotten.stay')}
        onConfirm={asked.go}
        onClose={() => setAsked(null)}
      />
    </Suspense>
  );
  return { unlessForgotten, question };
}
