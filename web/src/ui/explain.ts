import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import type problems from '~/i18n/en/problems.json';
import { duration } from './time';

/** Where a conflict is met: its code is the same everywhere, and what it is with depends on the place. */
export type Place = keyof typeof problems.conflict;

/** Says in the person's language what the code of a problem means; null where nothing is known of it. */
export function useCodeWords(): (code: string, place?: Place) => string | null {
  const { t, i18n } = useTranslation();
  return useCallback(
    (code, place) => {
      const here = code === 'conflict' && place ? [`problems:conflict.${place}`] : [];
      // The words of rare problems come with those of rare pages.
      const keys = [...here, `app:errors.${code}`, `problems:errors.${code}`];
      const key = keys.find((one) => i18n.exists(one));
      return key ? t(key as 'errors.unexpected') : null;
    },
    [t, i18n],
  );
}

/** Says in the person's language what went wrong, and where it matters, at which place. */
export function useExplain(): (error: unknown, place?: Place) => string {
  const { t, i18n } = useTranslation();
  const words = useCodeWords();
  return useCallback(
    (error: unknown, place?: Place) => {
      if (!(error instanceof ApiError)) return t('errors.unexpected');
      if (error.code === 'rate_limited' && error.retryAfter) {
        return t('errors.rate_limited_for', { time: duration(error.retryAfter, i18n.language) });
      }
      const limit = `errors.quota.${error.quota?.limit}`;
      if (error.quota && i18n.exists(limit, { ns: 'app' })) {
        return t(limit as 'errors.quota.agents', {
          allowed: new Intl.NumberFormat(i18n.language).format(error.quota.allowed),
        });
      }
      // Unknown codes come with the server's own sentence; it is better than none, unless it is to blame.
      const own = error.status < 500 && error.detail;
      return words(error.code, place) ?? (own || t('errors.unexpected'));
    },
    [t, i18n, words],
  );
}
