import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';

/** Why a ticket has its priority; a rule that has no words here is named as the server names it. */
export function usePriorityReason({ priority, priority_reason }: Ticket): string {
  const { t, i18n } = useTranslation(['desk', 'tickets']);
  const why = priority_reason.split(', ').map((rule) => {
    const key = `because.${rule}`;
    return i18n.exists(key, { ns: 'desk' }) ? t(key as 'because.default') : rule;
  });
  return t('because.said', { priority: t(`tickets:priority.${priority}`), why: why.join(', ') });
}
