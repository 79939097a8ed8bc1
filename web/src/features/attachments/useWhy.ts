import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '~/api/problem';
import { useExplain } from '~/ui/explain';
import { useSize } from '~/ui/size';
import type { Wrong } from './accept';

/** Says in the person's language why a file is not sent. */
export function useWhy(): (problem: Wrong | ApiError) => string {
  const { t, i18n } = useTranslation('attachments');
  const explain = useExplain();
  const size = useSize();
  return useCallback(
    (problem) => {
      if (!(problem instanceof Error)) {
        if (problem.code === 'long') return t('why.long', { most: size(problem.most) });
        if (problem.code === 'many') return t('why.many', { most: problem.most });
        if (problem.code === 'empty') return t('why.empty');
        return problem.ending ? t('why.type', { ending: problem.ending }) : t('why.no_ending');
      }
      const { quota, code } = problem;
      const bound = `why.quota.${quota?.limit}`;
      if (quota && i18n.exists(bound, { ns: 'attachments' })) {
        const inBytes = quota.limit.endsWith('_bytes');
        const number = new Intl.NumberFormat(i18n.language).format(quota.allowed);
        return t(bound as 'why.quota.user_files', {
          allowed: inBytes ? size(quota.allowed) : number,
        });
      }
      const own = `why.${code}`;
      const isOwn = i18n.exists(own, { ns: 'attachments' });
      return isOwn ? t(own as 'why.file_type_blocked') : explain(problem);
    },
    [t, i18n, explain, size],
  );
}
