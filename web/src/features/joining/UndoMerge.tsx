import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useNow } from '~/ui/useNow';
import { usePart } from './merging';

/** Takes a merge back, as long as that is possible. */
export function UndoMerge({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('merging');
  const now = useNow();
  const part = usePart(ticket);
  if (!ticket.unmerge_until || Date.parse(ticket.unmerge_until) <= now) return null;
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={part.isPending}
      onClick={() => part.mutate()}
    >
      {t('undo.open')}
    </Button>
  );
}
