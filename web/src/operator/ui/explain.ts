import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useExplain } from '~/ui/explain';

/** What went wrong, in words for those who run the platform: some codes mean something else here. */
export function useExplainHere(): (error: unknown) => string {
  const { t, i18n } = useTranslation('operator');
  const explain = useExplain();
  return useCallback(
    (error: unknown) => {
      const key = error instanceof ApiError ? `errors.${error.code}` : '';
      if (key && i18n.exists(key, { ns: 'operator' })) return t(key as 'errors.conflict');
      return explain(error);
    },
    [t, i18n, explain],
  );
}
