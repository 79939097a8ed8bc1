import { lazy } from 'react';
import { allWords } from '~/i18n';

/** Fetched when somebody is about to refuse a content: few do, and seldom. */
export const RefuseDialog = lazy(async () => {
  const [one] = await Promise.all([import('./RefuseDialog'), allWords()]);
  return { default: one.RefuseDialog };
});
