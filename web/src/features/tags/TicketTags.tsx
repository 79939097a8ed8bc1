import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useCommand } from '../console/commands';
import { useChange } from '../tickets/changes';
import { TagField } from './TagField';

/** The tags of a ticket; one that is added or taken off is saved at once. */
export function TicketTags({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('desk');
  const change = useChange(ticket);
  const id = `tags-${ticket.id}`;
  const final = ticket.status === 'closed';
  useCommand('tags', final ? null : () => document.getElementById(id)?.focus());
  return (
    <TagField
      id={id}
      label={t('tags.label')}
      value={ticket.tags}
      disabled={final}
      onChange={(to) => change.mutate({ kind: 'tags', to })}
    />
  );
}
