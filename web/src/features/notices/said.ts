import type { Notice } from '~/api/types';

/** What somebody can be told of; of anything else, only that there is something. */
const KINDS = [
  'assigned',
  'sla_warning',
  'sla_breach',
  'mentioned',
  'watched_message',
  'watched_status',
  'watched_assigned',
  'attachment_infected',
  'attachment_refused',
  'file_shared',
] as const;
export type Kind = (typeof KINDS)[number] | 'other';

export function kindOf({ kind }: Pick<Notice, 'kind'>): Kind {
  return KINDS.find((known) => known === kind) ?? 'other';
}

/** The number of the ticket that it is about, as its event has it; else its id, which leads there too. */
export function ticketOf({
  data,
  ticket_id: id,
}: Pick<Notice, 'data' | 'ticket_id'>): string | null {
  const number = (data as { ticket_number?: unknown } | null)?.ticket_number;
  if (typeof number === 'string') return number;
  return id == null ? null : String(id);
}
