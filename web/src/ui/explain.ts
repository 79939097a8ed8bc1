import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { duration } from './time';

/** Says in the person's language what went wrong. */
export function useExplain(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (error: unknown) => {
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
      const key = `errors.${error.code}`;
      if (i18n.exists(key, { ns: 'app' })) return t(key as 'errors.unexpected');
      // Unknown codes come with the server's own sentence; it is better than none.
      return error.detail || t('errors.unexpected');
    },
    [t, i18n],
  );
}
