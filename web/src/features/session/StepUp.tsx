import { lazy, Suspense } from 'react';
import { allWords } from '~/i18n';
import { useAsked } from './stepUp';

const Dialog = lazy(async () => {
  const [dialog] = await Promise.all([import('../account/StepUpDialog'), allWords()]);
  return { default: dialog.StepUpDialog };
});

/** The question who one is, wherever in the workspace a request was refused for want of it. */
export function StepUp() {
  if (!useAsked()) return null;
  return (
    <Suspense fallback={null}>
      <Dialog />
    </Suspense>
  );
}
