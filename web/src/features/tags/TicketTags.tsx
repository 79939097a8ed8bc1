import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useCommand } from '../console/commands';
import { useChange } from '../tickets/changes';
import { TagField } from './TagField';

/** The tags of a ticket; one that is added or taken off is saved at once. */
export function TicketTags({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('desk');
  const change = useChange(ticket);
  useCommand('tags', () => document.getElementById(`tags-${ticket.id}`)?.focus());
  return (
    <TagField
      id={`tags-${ticket.id}`}
      label={t('tags.label')}
      value={ticket.tags}
      disabled={ticket.status === 'closed'}
      onChange={(to) => change.mutate({ kind: 'tags', to })}
    />
  );
}
