import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TicketQuery } from '~/api/types';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { type Format, takeTickets } from './queries';

/** Takes tickets away as a file, narrowed as a list is. */
export function useTake(query: TicketQuery) {
  const { t } = useTranslation('imports');
  const explain = useExplain();
  return useMutation({
    mutationFn: (format: Format) => takeTickets(format, query),
    onError: (error) => void notifyFailure(t('take.failed'), explain(error)),
  });
}
