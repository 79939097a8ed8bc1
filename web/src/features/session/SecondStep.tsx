import { lazy, Suspense } from 'react';
import { allWords } from '~/i18n';
import type { Due, WayIn } from './wayIn';

const page = async () => {
  const [step] = await Promise.all([import('~/app/secondStep'), allWords()]);
  return step;
};
const Challenge = lazy(() => page().then((step) => ({ default: step.Challenge })));
const Enrolment = lazy(() => page().then((step) => ({ default: step.Enrolment })));

/** The second half of a way in. Fetched when it is due: most people come in without. */
export function SecondStep({ due, way }: { due: Due; way: WayIn }) {
  const rest = { token: due.token, onDone: way.come, onRestart: way.restart };
  return (
    <Suspense fallback={null}>
      {due.kind === 'challenge' ? (
        <Challenge {...rest} factors={due.factors} />
      ) : (
        <Enrolment {...rest} />
      )}
    </Suspense>
  );
}
